package client

import (
	"context"
	"net/http"
)

// StorageAccess is a secret that allows uploads of build contexts for an hour, below the
// organisation's id in the bucket.
type StorageAccess struct {
	URL            string `json:"storageUrl"`     // of the object storage
	Bucket         string `json:"bucket"`         // "" if the server does not report it
	Region         string `json:"region"`         // "" if the server does not report it
	OrganizationID string `json:"organizationId"` // first element of the names of objects
	AccessKey      string `json:"accessKey"`      // S3 access key id
	Secret         string `json:"secret"`         // S3 secret access key
	SessionToken   string `json:"sessionToken"`   // S3 session token
}

// String returns a text without the secrets.
func (a StorageAccess) String() string { return a.URL + "/" + a.Bucket }

// GoString returns a text without the secrets, for %#v.
func (a StorageAccess) GoString() string { return a.String() }

// PushAccess requests access to the object storage.
func (c *Client) PushAccess(ctx context.Context) (StorageAccess, error) {
	return send[StorageAccess](ctx, c, request{method: http.MethodGet, path: []string{"object-storage", "push-access"}})
}
