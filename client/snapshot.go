package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fleet/internal/foreign"
)

// Snapshot is what sandboxes are created from.
type Snapshot struct {
	ID             string
	OrganizationID string
	Name           string
	General        bool // the platform's, visible to all organisations, not yours to change
	State          State
	ErrorReason    foreign.Text // meaningful when Failed
	ImageName      string       // "" when built from a Dockerfile
	CreatedAt      time.Time
	UpdatedAt      time.Time
	LastUsedAt     time.Time // zero when never, or not told

	// Fields is everything the API sent, under its own names.
	Fields map[string]json.RawMessage
}

// UnmarshalJSON fails on what is not a JSON object and on nothing else.
func (s *Snapshot) UnmarshalJSON(data []byte) error {
	var f fields
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
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
		Fields:         f,
	}
	return nil
}

// Settled is true when no work on the snapshot is under way and it did not fail.
func (s Snapshot) Settled() bool { return s.State == StateActive || s.State == StateInactive }

// Failed is true in the states error and build_failed, which only a deletion ends.
func (s Snapshot) Failed() bool { return s.State.failed() }

// Snapshots lists the organisation's snapshots and the general ones, oldest
// first, each once. It ends after the first error.
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

// Snapshot reads one snapshot.
func (c *Client) Snapshot(ctx context.Context, idOrName string) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodGet, path: []string{"snapshots", idOrName}})
}

// CreateSnapshot asks for a snapshot, which is answered before it is usable.
// The request is never repeated once it may have reached the server.
func (c *Client) CreateSnapshot(ctx context.Context, body map[string]any) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodPost, path: []string{"snapshots"}, body: body})
}

// DeleteSnapshot begins the removal, in use or not. The name stays taken until
// the snapshot is no longer found. It takes the id only.
func (c *Client) DeleteSnapshot(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: []string{"snapshots", id}}, nil)
}

// ActivateSnapshot begins to make an inactive snapshot usable. The server
// refuses it as InTransition for ten minutes after a deactivation.
func (c *Client) ActivateSnapshot(ctx context.Context, id string) (Snapshot, error) {
	return send[Snapshot](ctx, c, request{method: http.MethodPost, path: []string{"snapshots", id, "activate"}})
}

// DeactivateSnapshot makes a snapshot unusable for new sandboxes, repeatedly
// if need be.
func (c *Client) DeactivateSnapshot(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodPost, path: []string{"snapshots", id, "deactivate"}}, nil)
}

// Built reports whether the snapshot was built from a Dockerfile.
func (s Snapshot) Built() bool {
	info := s.Fields["buildInfo"]
	return len(info) > 0 && string(info) != "null"
}
