package client

import (
	"context"
	"iter"
	"net/http"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/jsonobject"
)

// Volume is storage that sandboxes mount. It has no settings apart from its name.
type Volume struct {
	ID             string       // assigned by the server
	OrganizationID string       // of the owner
	Name           string       // unique in the organisation
	State          State        // see Settled, Failed and Deleted
	ErrorReason    foreign.Text // if Failed
	CreatedAt      time.Time    // by the server's clock
	LastUsedAt     time.Time    // zero if never, or if the server does not report it

	// Fields holds everything that the API sent, by its own names.
	Fields jsonobject.Object
}

// UnmarshalJSON fails only if data is not a JSON object.
func (v *Volume) UnmarshalJSON(data []byte) error {
	var o jsonobject.Object
	if err := o.UnmarshalJSON(data); err != nil {
		return err
	}
	v.readFields(o)
	return nil
}

// readFields sets all fields from the members of a response.
func (v *Volume) readFields(o jsonobject.Object) {
	f := fields{o}
	*v = Volume{
		ID:             f.text("id"),
		OrganizationID: f.text("organizationId"),
		Name:           f.text("name"),
		State:          f.state("state"),
		ErrorReason:    foreign.Text(f.text("errorReason")),
		CreatedAt:      f.time("createdAt"),
		LastUsedAt:     f.time("lastUsedAt"),
		Fields:         o,
	}
}

// Settled reports whether the volume can be mounted.
func (v Volume) Settled() bool { return v.State == StateReady }

// Failed reports whether the state is error or build_failed. The volume still holds its
// name, and can only be deleted.
func (v Volume) Failed() bool { return v.State.failed() }

// Deleted reports whether the deletion is complete and the name is free. A deleted volume
// can still be read by its id.
func (v Volume) Deleted() bool { return v.State == StateDeleted }

// Volumes lists the organisation's volumes that are not deleted. The iteration ends
// after the first error.
func (c *Client) Volumes(ctx context.Context) iter.Seq2[Volume, error] {
	return func(yield func(Volume, error) bool) {
		volumes, err := send[unpagedList[Volume]](ctx, c, request{method: http.MethodGet, path: []string{"volumes"}})
		if err != nil {
			yield(Volume{}, err)
			return
		}
		for _, v := range volumes {
			if !yield(v, nil) {
				return
			}
		}
	}
}

// Volume reads a volume, even a deleted one.
func (c *Client) Volume(ctx context.Context, id string) (Volume, error) {
	return send[Volume](ctx, c, request{method: http.MethodGet, path: []string{"volumes", id}})
}

// VolumeByName reads the volume that holds a name, even while it is being deleted.
func (c *Client) VolumeByName(ctx context.Context, name string) (Volume, error) {
	return send[Volume](ctx, c, request{method: http.MethodGet, path: []string{"volumes", "by-name", name}})
}

// CreateVolume starts the creation of a volume; wait until it is Settled. The request is
// never repeated once it may have reached the server.
func (c *Client) CreateVolume(ctx context.Context, name string) (Volume, error) {
	body := map[string]any{"name": name}
	return send[Volume](ctx, c, request{method: http.MethodPost, path: []string{"volumes"}, body: body})
}

// DeleteVolume starts the deletion of a volume. The error is InUse if a sandbox mounts
// it. The deletion is complete when the volume is Deleted; it can still be read then.
func (c *Client) DeleteVolume(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: []string{"volumes", id}}, nil)
}
