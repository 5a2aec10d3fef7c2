package client

import (
	"context"
	"errors"
	"net/http"

	"fleet/client/internal/storage"
)

// A BuildContext is a build context to upload: its hash, its size, how to read it, and who
// wants to know the progress.
type BuildContext = storage.Context

// MaxContextSize is the size in bytes of the largest build context.
const MaxContextSize = storage.MaxSize

// StorageAccess is a secret that allows uploads of build contexts for an hour, below the
// organisation's id in the bucket.
type StorageAccess = storage.Access

// PushAccess requests access to the object storage.
func (c *Client) PushAccess(ctx context.Context) (StorageAccess, error) {
	return send[StorageAccess](ctx, c, request{method: http.MethodGet, path: []string{"object-storage", "push-access"}})
}

// UploadContext uploads a build context to the object storage under its hash, unless it
// is there already, and reports whether it did. A large context is sent in parts, several
// at a time, in a bounded memory for all uploads of the client; more than a few contexts
// wait for each other, as do contexts with the same hash.
//
// The access to the storage is requested once for all uploads, and renewed before it ends.
// Uploads do not count in the limits of the API. They are safe to repeat: a failed or
// cancelled one leaves no object.
func (c *Client) UploadContext(ctx context.Context, b BuildContext) (uploaded bool, err error) {
	uploaded, err = c.uploads.Upload(ctx, b)
	return uploaded, uploadError(err)
}

// HasContext reports whether the object storage has a build context, by its hash and size.
// It reports false if the storage does not allow to find out.
func (c *Client) HasContext(ctx context.Context, b BuildContext) (bool, error) {
	has, err := c.uploads.Has(ctx, b)
	return has, uploadError(err)
}

// uploadError returns an error of the uploads as one of the client.
func uploadError(err error) error {
	if e, ok := errors.AsType[*storage.Error](err); ok {
		return storageError(e)
	}
	return err
}

func (c *Client) newUploads() *storage.Uploader {
	return storage.New(storage.Options{
		Access: c.PushAccess, Secrets: []string{c.config.Key, c.config.JWT},
		Encrypted: isHTTPS(c.config.URL), Version: c.config.Version, Chain: c.storageChain,
	})
}
