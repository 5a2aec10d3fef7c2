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
	maxAnswer      = 16 << 20         // bytes: 80 kB for each of 200 sandboxes, which usually take 2 kB
	maxRefusal     = 64 << 10
)

var (
	errTimeout  = errors.New("no answer in time")
	errTooLarge = errors.New("the answer is too large")
)

// tooSlow is the errTimeout of an attempt that may take this long. It is a
// net.Error, as a timeout of the network's is.
type tooSlow time.Duration

func (t tooSlow) Error() string      { return "no answer within " + time.Duration(t).String() }
func (tooSlow) Is(target error) bool { return target == errTimeout }
func (tooSlow) Timeout() bool        { return true }
func (tooSlow) Temporary() bool      { return true }

// bounded gives each attempt its time and its size. It reads the answer to the
// end, so that a connection lost half-way is an error of the attempt, which
// the layers above can repeat.
type bounded struct {
	next http.RoundTripper
	time time.Duration
	size int64 // of a success, in bytes; at 0 it is not read
}

func (b bounded) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeoutCause(req.Context(), b.time, tooSlow(b.time))
	defer cancel()
	res, err := b.next.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, causeOf(ctx, req.Context(), err)
	}
	defer res.Body.Close()
	var body []byte
	switch {
	case res.StatusCode < 200 || res.StatusCode > 299:
		body, _ = io.ReadAll(io.LimitReader(res.Body, maxRefusal)) // the status says enough
	case b.size > 0:
		if body, err = io.ReadAll(io.LimitReader(res.Body, b.size+1)); err != nil {
			return nil, causeOf(ctx, req.Context(), err)
		}
		if int64(len(body)) > b.size {
			return nil, errTooLarge
		}
	}
	res.Body = complete{bytes.NewReader(body), body}
	res.ContentLength = int64(len(body))
	return res, nil
}

// causeOf tells a timeout of the attempt from the end of the caller's patience.
func causeOf(attempt, caller context.Context, err error) error {
	if caller.Err() != nil {
		return caller.Err()
	}
	if cause := context.Cause(attempt); errors.Is(cause, errTimeout) {
		return cause
	}
	return err
}

// complete is the body of a bounded answer.
type complete struct {
	*bytes.Reader
	data []byte
}

func (complete) Close() error { return nil }

// readAll reads the body of a bounded answer, which cannot fail.
func readAll(body io.Reader) []byte {
	if c, ok := body.(complete); ok {
		return c.data
	}
	data, _ := io.ReadAll(body)
	return data
}
