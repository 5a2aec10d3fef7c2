package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"time"
)

// Bounds of an attempt at a call of the API.
const (
	AttemptTimeout = 90 * time.Second // a create or start may take the server 30 s
	MaxResponse    = 16 << 20         // bytes: 80 kB for each of 200 sandboxes, which usually take 2 kB
	MaxErrorBody   = 64 << 10         // bytes read of a response that is not a success
)

// Errors of an attempt that exceeds its bounds.
var (
	ErrTimeout  = errors.New("no response in time")
	ErrTooLarge = errors.New("the response is too large")
)

// timeoutError is the ErrTimeout of an attempt that had this time. It is a
// net.Error, like a timeout of the network.
type timeoutError time.Duration

func (e timeoutError) Error() string      { return "no response within " + time.Duration(e).String() }
func (timeoutError) Is(target error) bool { return target == ErrTimeout }
func (timeoutError) Timeout() bool        { return true }
func (timeoutError) Temporary() bool      { return true }

// Timeout bounds the time and the size of each attempt. It reads the response to its
// end, so that a connection that breaks in the middle is an error of the attempt,
// which can be repeated.
type Timeout struct {
	Next     http.RoundTripper // the next link
	Timeout  time.Duration     // of an attempt, with its response
	MaxBytes int64             // of the body of a success; 0 means that it is not read
}

// RoundTrip implements http.RoundTripper.
func (t Timeout) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), t.Timeout, timeoutError(t.Timeout))
	defer cancel()
	res, err := t.Next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, timeoutCause(ctx, req.Context(), err)
	}
	defer res.Body.Close()
	var body []byte
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		body, _ = io.ReadAll(io.LimitReader(res.Body, MaxErrorBody)) // half a message is fine: the status decides
	case t.MaxBytes > 0:
		if body, err = readBody(res, t.MaxBytes); errors.Is(err, ErrTooLarge) {
			return nil, err
		}
		if err != nil {
			return nil, timeoutCause(ctx, req.Context(), err)
		}
	}
	res.Body = bufferedBody{bytes.NewReader(body), body}
	res.ContentLength = int64(len(body))
	return res, nil
}

// maxForeseen is the memory that a response gets for the length that it declares.
const maxForeseen = 1 << 20

// readBody reads a body of at most limit bytes.
func readBody(res *http.Response, limit int64) ([]byte, error) {
	var body bytes.Buffer
	if n := min(res.ContentLength, limit, maxForeseen); n > 0 {
		body.Grow(int(n) + bytes.MinRead) // which spares a copy at the end
	}
	if _, err := body.ReadFrom(io.LimitReader(res.Body, limit+1)); err != nil {
		return nil, err
	}
	if int64(body.Len()) > limit {
		return nil, ErrTooLarge
	}
	return body.Bytes(), nil
}

// timeoutCause distinguishes an attempt timeout from the expiry of the caller's
// context.
func timeoutCause(attemptCtx, callerCtx context.Context, err error) error {
	if callerCtx.Err() != nil {
		return callerCtx.Err()
	}
	if cause := context.Cause(attemptCtx); errors.Is(cause, ErrTimeout) {
		return cause
	}
	return err
}

// bufferedBody is the body of a response that was read to its end.
type bufferedBody struct {
	*bytes.Reader
	data []byte
}

func (bufferedBody) Close() error { return nil }

// ReadBody returns the body of a response of Timeout, without copying it. Of another
// body it returns what can be read.
func ReadBody(body io.Reader) []byte {
	if b, ok := body.(bufferedBody); ok {
		return b.data
	}
	data, _ := io.ReadAll(body)
	return data
}
