package client

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestAttemptSize checks how much of an answer is read, by its status: all of a
// success, unless it is too large, and the beginning of anything else.
func TestAttemptSize(t *testing.T) {
	const size, refusal = 100 << 10, 64 << 10
	for _, c := range []struct {
		status, sent int
		size         int64
		read         int
		err          error
	}{
		{200, 0, size, 0, nil},
		{200, 1, 1, 1, nil},
		{200, 2, 1, 0, errTooLarge},
		{200, size - 1, size, size - 1, nil},
		{200, size, size, size, nil},
		{200, size + 1, size, 0, errTooLarge},
		{299, size, size, size, nil},
		{299, size + 1, size, 0, errTooLarge},
		{200, size, 0, 0, nil},
		{199, size + 1, size, refusal, nil},
		{300, size + 1, size, refusal, nil},
		{500, size + 1, size, refusal, nil},
		{500, refusal - 1, size, refusal - 1, nil},
		{500, size + 1, 0, refusal, nil},
	} {
		text := strings.Repeat("x", c.sent)
		b := timeoutTransport{wire(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: c.status, ContentLength: -1, Body: io.NopCloser(strings.NewReader(text))}, nil
		}), time.Minute, c.size}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://daytona.test/", nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := b.RoundTrip(req)
		if !errors.Is(err, c.err) {
			t.Errorf("%+v: error %v", c, err)
		}
		if err != nil {
			continue
		}
		body, err := io.ReadAll(res.Body)
		if string(body) != text[:c.read] || err != nil || res.ContentLength != int64(c.read) {
			t.Errorf("%+v: read %d bytes, told of %d: error %v", c, len(body), res.ContentLength, err)
		}
	}
}

// TestAttemptSizeOfTheClient checks the bound that is set for each call.
func TestAttemptSizeOfTheClient(t *testing.T) {
	const text, most = `{"id":"x"}`, 16 << 20
	for size, want := range map[int]ErrorClass{most: "", most + 1: NotJSON} {
		body := text + strings.Repeat(" ", size-len(text))
		s, err := over(t, func(*http.Request) (*http.Response, error) { return verbatim(body), nil }).Sandbox(t.Context(), "x")
		if ErrorClassOf(err) != want || err == nil && s.ID != "x" {
			t.Errorf("%d bytes: %v, error %v", size, s, err)
		}
	}
}

// TestAttemptBody checks that a body is read whole, bounded or not.
func TestAttemptBody(t *testing.T) {
	if got := string(readBody(strings.NewReader("text"))); got != "text" {
		t.Errorf("got %q", got)
	}
	if got := string(readBody(bufferedBody{data: []byte("text")})); got != "text" {
		t.Errorf("got %q of what was read", got)
	}
}

// TestAttemptTimeout checks that an attempt without an answer looks like a
// timeout of the network.
func TestAttemptTimeout(t *testing.T) {
	late, ok := errors.AsType[net.Error](error(attemptTimeoutError(time.Second)))
	if !ok || !late.Timeout() {
		t.Errorf("%v is no timeout", late)
	}
	if temporary, ok := late.(interface{ Temporary() bool }); !ok || !temporary.Temporary() {
		t.Errorf("%v stays", late)
	}
	if !errors.Is(late, errTimeout) || errors.Is(late, context.DeadlineExceeded) {
		t.Errorf("%v is another error", late)
	}
}
