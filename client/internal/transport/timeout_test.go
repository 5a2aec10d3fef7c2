package transport_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"testing"
	"testing/synctest"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestSizeCap(t *testing.T) {
	const size = 100_000
	for status, want := range map[int]client.ErrorClass{http.StatusOK: client.NotJSON, http.StatusBadRequest: client.BadRequest} {
		attempts := 0
		c := over(t, func(req *http.Request) (*http.Response, error) {
			attempts++
			return transport.Timeout{Next: wire(func(*http.Request) (*http.Response, error) {
				res := answer(status, nil)
				res.Body = io.NopCloser(endless{})
				return res, nil
			}), Timeout: time.Minute, MaxBytes: size}.RoundTrip(req)
		})
		if _, err := c.Sandbox(t.Context(), "x"); client.ErrorClassOf(err) != want || attempts != 1 {
			t.Errorf("%d: got %v after %d attempts", status, err, attempts)
		}
	}
}

// A trickle is a body that returns one byte each second and never ends.
type trickle struct{ done <-chan struct{} }

func (b trickle) Read(p []byte) (int, error) {
	timer := time.NewTimer(time.Second)
	defer timer.Stop()
	select {
	case <-timer.C:
		return copy(p[:1], " "), nil
	case <-b.done:
		return 0, errors.New("the connection was closed")
	}
}

func (trickle) Close() error { return nil }

// TestTrickle checks that an attempt whose body never ends has a timeout, for any status.
func TestTrickle(t *testing.T) {
	for _, status := range []int{200, 400, 503} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				c := over(t, func(req *http.Request) (*http.Response, error) {
					asked++
					return &http.Response{
						StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
						Body: trickle{req.Context().Done()},
					}, nil
				})
				start := time.Now()
				if _, err := c.Sandbox(t.Context(), "1"); err == nil {
					t.Error("no error")
				}
				if most := time.Duration(asked)*transport.AttemptTimeout + transport.MaxAttempts*transport.BackoffCap; time.Since(start) > most {
					t.Errorf("%d requests in %s", asked, time.Since(start))
				}
			})
		})
	}
}
