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
)

const (
	contextFile    = "context.tar"
	contextType    = "application/x-tar"
	defaultBucket  = "daytona-volume-builds" // where the server does not tell
	storageRoute   = "/{bucket}/{organization}/{hash}/" + contextFile
	minUploadRate  = 64 << 10 // bytes a second; an attempt slower than this is given up
	maxContextSize = 5 << 30  // bytes; the storage takes no more in one request
)

// UploadContext puts a build context of a size into the object storage under
// its hash, unless there is one already: the hash stands for the content. open
// gives the context, a tar, from its beginning, and is called several times.
// The access is good for an hour.
//
// It does not count against the limits of the API. Repeating it is safe.
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

// safeElement is what is the same in a URL and in a signature.
var safeElement = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)

// contextURL is where a context belongs.
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
		return "", errors.New("the server gave no usable address of its object storage")
	case isHTTPS(c.config.URL) && u.Scheme != "https":
		return "", errors.New("the object storage is offered without encryption")
	}
	return u.JoinPath(bucket, access.OrganizationID, hash, contextFile).String(), nil
}

// digest is the SHA-256 of what open gives, which has to be of the size.
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

// storageClient is the object storage with an access to it.
type storageClient struct {
	http   *http.Client
	config Config
	redact redactor
}

// storageClient puts together what talks to the object storage: the network is the
// client's; its key and the pacing for the API have no place here.
func (c *Client) storageClient(access StorageAccess, size int64) storageClient {
	redact := newRedactor(c.config.Key, c.config.JWT, access.AccessKey, access.Secret, access.SessionToken)
	timeout := attemptTimeout + time.Duration(size/minUploadRate)*time.Second
	rt := c.transport
	rt = timeoutTransport{rt, timeout, maxErrorBody}
	rt = loggingTransport{rt, c.config.Log, redact}
	rt = c.instrumented(rt)
	rt = signingTransport{rt, access, c.stats}                             // a signature ages: each attempt has its own
	rt = retryTransport{rt, c.config.Log, redact, c.stats, c.waitReporter} // attempts are repeated here
	client := &http.Client{Transport: rt, CheckRedirect: refuseRedirect}
	return storageClient{client, c.config, redact}
}

// exists asks for an object. Who may not list is not told that it is absent,
// only that it is forbidden: an upload will tell.
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
	ctx = contextWithCall(ctx, call{Route: Route{Class: RateStorage}})
	req, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "fleet/"+s.config.Version)
	req.Header.Set(headerDigest, digest)
	return req, nil
}

// send sends a request. Success and the expected statuses are no errors.
func (s storageClient) send(req *http.Request, expected ...int) (status int, err error) {
	attempt := attempt{Route: routeFromContext(req.Context()), req: req, config: s.config, redact: s.redact}
	res, err := s.http.Do(req)
	if err != nil {
		return 0, attempt.transportError(err)
	}
	defer res.Body.Close()
	return res.StatusCode, attempt.storageError(res, readBody(res.Body), expected)
}
