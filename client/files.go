package client

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

// fileTimeout bounds an attempt to send or to read files of at most some ten megabytes.
const fileTimeout = 5 * time.Minute

// UploadFiles writes files to a started sandbox, all or some of them. write passes each
// file to put, with its absolute path in the sandbox; it is called for each attempt, from
// another goroutine, and not after UploadFiles returns. Files are replaced, and keep their
// permissions; directories are created. An error of write is returned as it is, and
// another one leaves open which files were written. The error is IllegalState if the
// sandbox is not running. An upload counts as activity of the sandbox.
func (c *Client) UploadFiles(ctx context.Context, id string, write func(put func(path string, content io.Reader) error) error) error {
	body := newForm(write)
	_, err := c.sendToolbox(ctx, id, toolboxCall{
		request: request{method: http.MethodPost, path: []string{"files", "bulk-upload"}},
		timeout: fileTimeout,
		form:    body,
	})
	if wrong := body.close(); wrong != nil {
		return wrong // even if the server accepted a part of the body
	}
	return err
}

// SetFileMode sets the permissions of a file in a started sandbox.
func (c *Client) SetFileMode(ctx context.Context, id, path string, mode fs.FileMode) error {
	_, err := c.sendToolbox(ctx, id, toolboxCall{
		request: request{
			method: http.MethodPost, path: []string{"files", "permissions"},
			query: url.Values{"path": {path}, "mode": {fmt.Sprintf("%04o", mode.Perm())}},
		},
		timeout: transport.AttemptTimeout,
	})
	return err
}

// FileDigest reads a file in a started sandbox and returns the SHA-256 of its content, and
// its size in bytes. It never holds the content. Of a file that is larger than limit bytes
// it reads no more, and returns a size above limit and no digest. The error is NotFound if
// there is no such file. Reading counts as activity of the sandbox.
func (c *Client) FileDigest(ctx context.Context, id, path string, limit int64) (digest [sha256.Size]byte, size int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, fileTimeout)
	defer cancel()
	base, err := c.toolboxURL(ctx, id)
	if err != nil {
		return digest, 0, err
	}
	r := request{method: http.MethodGet, path: []string{"files", "download"}, query: url.Values{"path": {path}}}
	route := RouteOf(r.method, "toolbox/{id}/"+strings.Join(r.path, "/"))
	req, err := r.build(api.WithCall(ctx, api.Call{Route: route, Path: r.path}), base)
	if err != nil {
		return digest, 0, err
	}
	x := exchange{Route: route, req: req, config: c.config, redact: c.redact}
	res, err := (&http.Client{Transport: c.auth(c.downloadChain(), base), CheckRedirect: transport.RefuseRedirect}).Do(req)
	if err != nil {
		c.proxyCache.deleteToolbox(id) // the toolbox may have moved
		return digest, 0, x.transportError(err)
	}
	defer res.Body.Close()
	if !isSuccess(res.StatusCode) {
		return digest, 0, x.responseError(res, transport.ReadBody(io.LimitReader(res.Body, transport.MaxErrorBody)))
	}
	h := sha256.New()
	size, err = io.Copy(h, io.LimitReader(res.Body, limit+1))
	switch {
	case err != nil:
		return digest, 0, x.transportError(err)
	case size <= limit:
		h.Sum(digest[:0])
	}
	return digest, size, nil
}
