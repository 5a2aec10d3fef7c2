package client

import (
	"context"
	"net/http"
)

// StorageAccess lets its holder upload build contexts for an hour, below the
// organisation's id in the bucket. It is a secret.
type StorageAccess struct {
	URL            string `json:"storageUrl"`
	Bucket         string `json:"bucket"`
	Region         string `json:"region"` // "" on servers that do not tell
	OrganizationID string `json:"organizationId"`
	AccessKey      string `json:"accessKey"`
	Secret         string `json:"secret"`
	SessionToken   string `json:"sessionToken"`
}

// String keeps the secrets out of what is printed.
func (a StorageAccess) String() string { return a.URL + "/" + a.Bucket }

// GoString is String.
func (a StorageAccess) GoString() string { return a.String() }

// PushAccess asks for access to the object storage.
func (c *Client) PushAccess(ctx context.Context) (StorageAccess, error) {
	return send[StorageAccess](ctx, c, request{method: http.MethodGet, path: []string{"object-storage", "push-access"}})
}
