package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/jsonobject"
)

// Snapshot is an image with default settings that sandboxes are created from.
type Snapshot struct {
	ID             string       // assigned by the server
	OrganizationID string       // of the owner
	Name           string       // unique in the organisation
	General        bool         // owned by the platform: all organisations can use it, and none can change it
	State          State        // see Settled and Failed
	ErrorReason    foreign.Text // if Failed
	ImageName      string       // "" if built from a Dockerfile
	CreatedAt      time.Time    // by the server's clock
	UpdatedAt      time.Time    // of the last change
	LastUsedAt     time.Time    // zero if never, or if the server does not report it
	Size           float64      // in GB; 0 if it is not known, as before the build has ended

	// Fields holds everything that the API sent, under the API's names.
	Fields jsonobject.Object
}

// UnmarshalJSON fails only if data is not a JSON object.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	var o jsonobject.Object
	if err := o.UnmarshalJSON(data); err != nil {
		return err
	}
	s.readFields(o)
	return nil
}

// readFields sets all fields from the members of a response.
func (s *Snapshot) readFields(o jsonobject.Object) {
	f := fields{o}
	*s = Snapshot{
		ID:             f.text("id"),
		OrganizationID: f.text("organizationId"),
		Name:           f.text("name"),
		General:        f.boolean("general"),
		State:          f.state("state"),
		ErrorReason:    foreign.Text(f.text("errorReason")),
		ImageName:      f.text("imageName"),
		CreatedAt:      f.time("createdAt"),
		UpdatedAt:      f.time("updatedAt"),
		LastUsedAt:     f.time("lastUsedAt"),
		Size:           decodeField[float64](f, "size"),
		Fields:         o,
	}
}

// Settled reports whether the snapshot is active or inactive: it has not failed, and no
// work on it is under way.
func (s Snapshot) Settled() bool { return s.State == StateActive || s.State == StateInactive }

// Failed reports whether the state is error or build_failed. The snapshot can only be
// deleted.
func (s Snapshot) Failed() bool { return s.State.failed() }

// Snapshots lists the organisation's snapshots and the general ones, oldest first, each
// once. The iteration ends after the first error.
func (c *Client) Snapshots(ctx context.Context) iter.Seq2[Snapshot, error] {
	return pages("1", Snapshot.key, func(number string) (page[Snapshot], error) {
		query := url.Values{"sort": {"createdAt"}, "order": {"asc"}, "limit": {pageSize}, "page": {number}}
		p, err := send[page[Snapshot]](ctx, c, request{method: http.MethodGet, path: []string{"snapshots"}, query: query})
		if n, _ := strconv.Atoi(number); n < p.TotalPages {
			p.NextCursor = strconv.Itoa(n + 1)
		}
		return p, err
	})
}

func (s Snapshot) key() string { return s.ID }

// Snapshot reads a snapshot.
func (c *Client) Snapshot(ctx context.Context, idOrName string) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodGet, path: []string{"snapshots", idOrName}})
}

// CreateSnapshot starts the creation of a snapshot; wait until it is Settled. The
// request is never repeated once it may have reached the server.
func (c *Client) CreateSnapshot(ctx context.Context, body map[string]any) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodPost, path: []string{"snapshots"}, body: body})
}

// DeleteSnapshot starts the removal of a snapshot, even if sandboxes use it. Its name is
// taken until the snapshot is not found. The id is required: a name is not accepted.
func (c *Client) DeleteSnapshot(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: []string{"snapshots", id}}, nil)
}

// ActivateSnapshot starts to make an inactive snapshot usable. For ten minutes after a
// deactivation the error is InTransition.
func (c *Client) ActivateSnapshot(ctx context.Context, id string) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodPost, path: []string{"snapshots", id, "activate"}})
}

// DeactivateSnapshot makes a snapshot unusable for new sandboxes. It may be called again
// on an inactive one.
func (c *Client) DeactivateSnapshot(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodPost, path: []string{"snapshots", id, "deactivate"}}, nil)
}

// Built reports whether the snapshot was built from a Dockerfile.
func (s Snapshot) Built() bool {
	info := s.Fields.Get("buildInfo")
	return len(info) > 0 && string(info) != "null"
}
