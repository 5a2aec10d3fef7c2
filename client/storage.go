package client

import (
	"context"
	"net/http"
)

// StorageAccess is a secret that allows uploads of build contexts for an hour, below the
// organisation's id in the bucket.
type StorageAccess struct {
	URL            string `json:"storageUrl"`
	Bucket         string `json:"bucket"` // "" if the server does not report it
	Region         string `json:"region"` // "" if the server does not report it
	OrganizationID string `json:"organizationId"`
	AccessKey      string `json:"accessKey"`
	Secret         string `json:"secret"`
	SessionToken   string `json:"sessionToken"`
}

// String returns a text without the secrets.
func (a StorageAccess) String() string { return a.URL + "/" + a.Bucket }

// GoString returns a text without the secrets, for %#v.
func (a StorageAccess) GoString() string { return a.String() }

// PushAccess requests access to the object storage.
func (c *Client) PushAccess(ctx context.Context) (StorageAccess, error) {
	return send[StorageAccess](ctx, c, request{method: http.MethodGet, path: []string{"object-storage", "push-access"}})
}
