package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

const (
	attemptTimeout = 90 * time.Second // creating and starting are answered after up to 30 s
	maxResponse    = 16 << 20         // bytes: 80 kB for each of 200 sandboxes, which usually take 2 kB
	maxErrorBody   = 64 << 10
)

var (
	errTimeout  = errors.New("no answer in time")
	errTooLarge = errors.New("the answer is too large")
)

// attemptTimeoutError is the errTimeout of an attempt that may take this long. It is a
// net.Error, as a timeout of the network's is.
type attemptTimeoutError time.Duration

func (t attemptTimeoutError) Error() string      { return "no answer within " + time.Duration(t).String() }
func (attemptTimeoutError) Is(target error) bool { return target == errTimeout }
func (attemptTimeoutError) Timeout() bool        { return true }
func (attemptTimeoutError) Temporary() bool      { return true }

// timeoutTransport gives each attempt its time and its size. It reads the answer to the
// end, so that a connection lost half-way is an error of the attempt, which
// the layers above can repeat.
type timeoutTransport struct {
	next     http.RoundTripper
	timeout  time.Duration
	maxBytes int64 // of a success, in bytes; at 0 it is not read
}

func (b timeoutTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), b.timeout, attemptTimeoutError(b.timeout))
	defer cancel()
	res, err := b.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, timeoutCause(ctx, req.Context(), err)
	}
	defer res.Body.Close()
	var body []byte
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		body, _ = io.ReadAll(io.LimitReader(res.Body, maxErrorBody)) // the status says enough
	case b.maxBytes > 0:
		if body, err = io.ReadAll(io.LimitReader(res.Body, b.maxBytes+1)); err != nil {
			return nil, timeoutCause(ctx, req.Context(), err)
		}
		if int64(len(body)) > b.maxBytes {
			return nil, errTooLarge
		}
	}
	res.Body = bufferedBody{bytes.NewReader(body), body}
	res.ContentLength = int64(len(body))
	return res, nil
}

// timeoutCause tells a timeout of the attempt from the end of the caller's patience.
func timeoutCause(attemptCtx, callerCtx context.Context, err error) error {
	if callerCtx.Err() != nil {
		return callerCtx.Err()
	}
	if cause := context.Cause(attemptCtx); errors.Is(cause, errTimeout) {
		return cause
	}
	return err
}

// bufferedBody is the body of a bounded answer.
type bufferedBody struct {
	*bytes.Reader
	data []byte
}

func (bufferedBody) Close() error { return nil }

// readBody reads the body of a bounded answer, which cannot fail.
func readBody(body io.Reader) []byte {
	if c, ok := body.(bufferedBody); ok {
		return c.data
	}
	data, _ := io.ReadAll(body)
	return data
}
