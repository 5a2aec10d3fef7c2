package client

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

const (
	contextFile    = "context.tar"
	contextType    = "application/x-tar"
	defaultBucket  = "daytona-volume-builds" // if the server does not report it
	minUploadRate  = 64 << 10                // bytes a second; a slower attempt times out
	maxContextSize = 5 << 30                 // bytes; the limit of the storage for one request
)

// UploadContext uploads a build context to the object storage under its hash, unless it
// is there already. open returns the context, a tar of size bytes, from its start; it is
// called several times. The access is valid for an hour.
//
// An upload does not count in the limits of the API. It is safe to repeat.
func (c *Client) UploadContext(ctx context.Context, access StorageAccess, hash string, size int64, open func() (io.ReadCloser, error)) (uploaded bool, err error) {
	address, err := c.contextURL(access, hash)
	if err != nil {
		return false, fmt.Errorf("uploading a build context: %w", err)
	}
	s := c.storageClient(access, size)
	exists, err := s.exists(ctx, address)
	if exists || err != nil {
		return false, err
	}
	digest, err := digest(size, open)
	if err != nil {
		return false, fmt.Errorf("uploading a build context: %w", err)
	}
	return true, s.put(ctx, address, digest, size, open)
}

// safeElement matches elements of a path that are the same in a URL and in a signature.
var safeElement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// contextURL returns the address of a context.
func (c *Client) contextURL(access StorageAccess, hash string) (string, error) {
	bucket := cmp.Or(access.Bucket, defaultBucket)
	for _, element := range []string{bucket, access.OrganizationID, hash} {
		if !safeElement.MatchString(element) {
			return "", fmt.Errorf("%q cannot be part of the name of an object", element)
		}
	}
	u, err := url.Parse(access.URL)
	switch {
	case err != nil, u.User != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return "", errors.New("the server returned an invalid address of its object storage")
	case isHTTPS(c.config.URL) && u.Scheme != "https":
		return "", errors.New("the address of the object storage is not https")
	}
	return u.JoinPath(bucket, access.OrganizationID, hash, contextFile).String(), nil
}

// digest returns the SHA-256 of the context, in hexadecimal. It fails if the context
// does not have the size.
func digest(size int64, open func() (io.ReadCloser, error)) (string, error) {
	if size <= 0 || size > maxContextSize {
		return "", fmt.Errorf("a context of %d bytes cannot be uploaded", size)
	}
	content, err := open()
	if err != nil {
		return "", err
	}
	defer content.Close()
	hash := sha256.New()
	n, err := io.Copy(hash, content)
	if err != nil {
		return "", err
	}
	if n != size {
		return "", fmt.Errorf("the context has %d bytes rather than %d", n, size)
	}
	return hex.EncodeToString(hash.Sum(nil)), nil
}

// storageClient sends requests to the object storage.
type storageClient struct {
	http   *http.Client
	config Config
	redact api.Redactor
}

// storageClient returns a client of the object storage. Its chain adds a signature in
// place of the credentials for the API, and paces nothing.
func (c *Client) storageClient(access StorageAccess, size int64) storageClient {
	redact := api.NewRedactor(c.config.Key, c.config.JWT, access.AccessKey, access.Secret, access.SessionToken)
	timeout := transport.AttemptTimeout + time.Duration(size/minUploadRate)*time.Second
	rt := c.network
	rt = transport.Timeout{Next: rt, Timeout: timeout, MaxBytes: transport.MaxErrorBody}
	rt = transport.Logging{Next: rt, Log: c.config.Log, Redact: redact}
	rt = c.instrument(rt)
	rt = signingTransport{rt, access, c.stats} // a signature ages: each attempt has its own
	rt = c.retry(rt, redact)
	client := &http.Client{Transport: rt, CheckRedirect: transport.RefuseRedirect}
	return storageClient{client, c.config, redact}
}

// exists reports whether there is an object. It reports false if that is forbidden: the
// storage answers so for missing objects too, unless the access may list them.
func (s storageClient) exists(ctx context.Context, address string) (bool, error) {
	req, err := s.request(ctx, http.MethodHead, address, emptyDigest)
	if err != nil {
		return false, err
	}
	status, err := s.send(req, http.StatusNotFound, http.StatusForbidden)
	return status == http.StatusOK, err
}

func (s storageClient) put(ctx context.Context, address, digest string, size int64, open func() (io.ReadCloser, error)) error {
	req, err := s.request(ctx, http.MethodPut, address, digest)
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", contextType)
	req.ContentLength = size
	req.GetBody = open // for each attempt
	_, err = s.send(req)
	return err
}

func (s storageClient) request(ctx context.Context, method, address, digest string) (*http.Request, error) {
	ctx = api.WithCall(ctx, api.Call{Route: Route{Class: RateStorage}})
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", transport.UserAgent(s.config.Version))
	req.Header.Set(headerDigest, digest)
	return req, nil
}

// send sends a request. Success and the expected statuses are no errors.
func (s storageClient) send(req *http.Request, expected ...int) (status int, err error) {
	x := exchange{Route: api.RouteFromContext(req.Context()), req: req, config: s.config, redact: s.redact}
	res, err := s.http.Do(req)
	if err != nil {
		return 0, x.transportError(err)
	}
	defer res.Body.Close()
	return res.StatusCode, x.storageError(res, transport.ReadBody(res.Body), expected)
}
