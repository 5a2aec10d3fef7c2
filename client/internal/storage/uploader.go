package storage

import (
	"context"
	"errors"
	"math/rand/v2"
	"net/http"
	"strconv"
	"sync"
	"time"

	"fleet/client/internal/api"
)

const (
	maxUploads   = 4 // contexts at a time
	maxRepeats   = 3 // of a request that failed with a transient code
	repeatBefore = 2 * time.Second
)

// Options configure an Uploader.
type Options struct {
	Access    func(context.Context) (Access, error) // requests an access from the server
	Secrets   []string                              // hidden in errors, besides those of the access
	Encrypted bool                                  // whether the storage must be reached by https
	Version   string                                // of the program

	// Chain returns the chain for requests to the storage. An attempt has the timeout and
	// passes through sign, which signs it.
	Chain func(timeout time.Duration, redact api.Redactor, sign func(http.RoundTripper) http.RoundTripper) http.RoundTripper
}

// An Uploader uploads contexts, some at a time. It may be used by several goroutines at
// once.
type Uploader struct {
	grants  grants
	buffers buffers
	slots   chan struct{} // one for each context that is uploaded now

	mu     sync.Mutex
	claims map[string]chan struct{} // by hash; closed when the upload has ended
}

// New returns an Uploader. It sends nothing.
func New(o Options) *Uploader {
	fetch := func(ctx context.Context) (*session, error) {
		access, err := o.Access(ctx)
		if err != nil {
			return nil, err
		}
		return newSession(access, o)
	}
	return &Uploader{
		grants: grants{fetch: fetch}, buffers: newBuffers(partSize),
		slots: make(chan struct{}, maxUploads), claims: map[string]chan struct{}{},
	}
}

// Upload uploads a context unless the storage has it, and reports whether it did. A failed
// upload leaves no object. It is safe to repeat. The error is an *Error, that of the
// request for an access, that of ctx, or one about the context itself.
func (u *Uploader) Upload(ctx context.Context, c Context) (uploaded bool, err error) {
	if err := c.check(); err != nil {
		return false, err
	}
	release, err := u.claim(ctx, c.Hash)
	if err != nil {
		return false, c.errorf("%w", err)
	}
	defer release()
	uploaded, err = u.uploadIfAbsent(ctx, c)
	if isContextError(err) {
		err = c.errorf("%w", err)
	}
	return uploaded, err
}

// Has reports whether the storage has a context, by its hash and size. It reports false if
// the access does not allow to find out. Errors are those of Upload.
func (u *Uploader) Has(ctx context.Context, c Context) (bool, error) {
	if err := c.check(); err != nil {
		return false, err
	}
	return u.exists(ctx, c)
}

func (u *Uploader) uploadIfAbsent(ctx context.Context, c Context) (bool, error) {
	exists, err := u.exists(ctx, c)
	if exists || err != nil {
		return false, err
	}
	m := &meter{total: c.Size, notify: c.Progress}
	if c.Size <= int64(u.buffers.size) {
		err = u.put(ctx, c, m)
	} else {
		err = u.putInParts(ctx, c, m)
	}
	return err == nil, err
}

// claim waits until the hash is not uploaded by others, and until there is a slot. The
// caller has to call release.
func (u *Uploader) claim(ctx context.Context, hash string) (release func(), err error) {
	for {
		u.mu.Lock()
		busy := u.claims[hash]
		if busy == nil {
			u.claims[hash] = make(chan struct{})
		}
		u.mu.Unlock()
		if busy == nil {
			break
		}
		select {
		case <-busy:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
	select {
	case u.slots <- struct{}{}:
		return func() { <-u.slots; u.disclaim(hash) }, nil
	case <-ctx.Done():
		u.disclaim(hash)
		return nil, ctx.Err()
	}
}

// disclaim ends the claim of a hash. The last one frees the memory.
func (u *Uploader) disclaim(hash string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	close(u.claims[hash])
	delete(u.claims, hash)
	if len(u.claims) == 0 {
		u.buffers.drop()
	}
}

// send sends a request. It renews the access if the storage refuses it, and repeats
// requests that may succeed later.
func (u *Uploader) send(ctx context.Context, r request) (response, error) {
	var refused *session
	for repeats := 0; ; {
		s, err := u.grants.get(ctx, refused)
		if err != nil {
			return response{}, err
		}
		res, err := s.send(ctx, r)
		e, isError := errors.AsType[*Error](err)
		switch {
		case isError && e.RefusesAccess() && refused == nil:
			refused = s
		case isError && e.transient() && repeats < maxRepeats:
			repeats++
			if err := pause(ctx, rand.N(repeatBefore)); err != nil {
				return response{}, err
			}
		default:
			return res, err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// exists reports whether the storage has the context. It reports false if that is forbidden: the
// storage answers so for missing objects too, unless the access may list them.
func (u *Uploader) exists(ctx context.Context, c Context) (bool, error) {
	size, found, err := u.stat(ctx, c)
	return found && (size == c.Size || size < 0), err
}

// stat returns the size of an object; -1 means that the storage does not report it.
func (u *Uploader) stat(ctx context.Context, c Context) (size int64, found bool, err error) {
	res, err := u.send(ctx, request{
		method: http.MethodHead, hash: c.Hash, expected: []int{http.StatusNotFound, http.StatusForbidden},
	})
	if err != nil || !isSuccess(res.status) {
		return 0, false, err
	}
	if n, notReported := strconv.ParseInt(res.header.Get("Content-Length"), 10, 64); notReported == nil {
		return n, true, nil
	}
	return -1, true, nil
}

// put uploads a context with one request.
func (u *Uploader) put(ctx context.Context, c Context, m *meter) error {
	buffer, err := u.buffers.get(ctx)
	if err != nil {
		return err
	}
	defer u.buffers.put(buffer)
	data := buffer[:c.Size]
	if err := c.readAll(data); err != nil {
		return err
	}
	b := newBody(data, m)
	defer b.release()
	_, err = u.send(ctx, request{method: http.MethodPut, hash: c.Hash, contentType: contextType, body: b})
	return err
}
