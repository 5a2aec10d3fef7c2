package storage

import "log/slog"

// Access is a secret that allows uploads of build contexts for an hour, below the
// organisation's id in the bucket.
type Access struct {
	URL            string `json:"storageUrl"`     // of the object storage
	Bucket         string `json:"bucket"`         // "" if the server does not report it
	Region         string `json:"region"`         // "" if the server does not report it
	OrganizationID string `json:"organizationId"` // first element of the names of objects
	AccessKey      string `json:"accessKey"`      // S3 access key id
	Secret         string `json:"secret"`         // S3 secret access key
	SessionToken   string `json:"sessionToken"`   // S3 session token
}

// String returns a text without the secrets.
func (a Access) String() string { return a.URL + "/" + a.Bucket }

// GoString returns a text without the secrets, for %#v.
func (a Access) GoString() string { return a.String() }

// LogValue returns a value without the secrets, for logs.
func (a Access) LogValue() slog.Value { return slog.StringValue(a.String()) }
