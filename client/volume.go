package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"time"

	"fleet/internal/foreign"
)

// Volume is storage that sandboxes mount. Its name is all there is to it.
type Volume struct {
	ID             string
	OrganizationID string
	Name           string
	State          State
	ErrorReason    foreign.Text // meaningful when Failed
	CreatedAt      time.Time
	LastUsedAt     time.Time // zero when never, or not told

	// Fields is everything the API sent, under its own names.
	Fields map[string]json.RawMessage
}

// UnmarshalJSON fails on what is not a JSON object and on nothing else.
func (v *Volume) UnmarshalJSON(data []byte) error {
	var f fields
	if err := json.Unmarshal(data, &f); err != nil {
		return err
	}
	*v = Volume{
		ID:             f.text("id"),
		OrganizationID: f.text("organizationId"),
		Name:           f.text("name"),
		State:          f.state("state"),
		ErrorReason:    foreign.Text(f.text("errorReason")),
		CreatedAt:      f.time("createdAt"),
		LastUsedAt:     f.time("lastUsedAt"),
		Fields:         f,
	}
	return nil
}

// Settled is true when the volume can be mounted.
func (v Volume) Settled() bool { return v.State == StateReady }

// Failed is true of a volume that holds its name and can only be deleted.
func (v Volume) Failed() bool { return v.State.failed() }

// Deleted is true when the name is free again. Unlike a sandbox a deleted volume
// is still found by its id.
func (v Volume) Deleted() bool { return v.State == StateDeleted }

// Volumes lists the organisation's volumes that are not deleted. It ends after
// the first error.
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

// Volume reads one volume, deleted ones included.
func (c *Client) Volume(ctx context.Context, id string) (Volume, error) {
	return send[Volume](ctx, c, request{method: http.MethodGet, path: []string{"volumes", id}})
}

// VolumeByName reads the volume that holds the name, even one that is being
// deleted.
func (c *Client) VolumeByName(ctx context.Context, name string) (Volume, error) {
	return send[Volume](ctx, c, request{method: http.MethodGet, path: []string{"volumes", "by-name", name}})
}

// CreateVolume asks for a volume, which is answered before it can be mounted.
// The request is never repeated once it may have reached the server.
func (c *Client) CreateVolume(ctx context.Context, name string) (Volume, error) {
	body := map[string]any{"name": name}
	return send[Volume](ctx, c, request{method: http.MethodPost, path: []string{"volumes"}, body: body})
}

// DeleteVolume begins the deletion of a volume no sandbox mounts. It ends when
// the volume is Gone, not when it is no longer found.
func (c *Client) DeleteVolume(ctx context.Context, id string) error {
	return c.do(ctx, request{method: http.MethodDelete, path: []string{"volumes", id}}, nil)
}
