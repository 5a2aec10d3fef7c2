package transport_test

import (
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"fleet/client"
	"fleet/client/internal/transport"
)

// TestAttemptSize checks how much of a response is read: all of a success, unless it is
// too large, and the start of any other.
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
		{200, 2, 1, 0, transport.ErrTooLarge},
		{200, size - 1, size, size - 1, nil},
		{200, size, size, size, nil},
		{200, size + 1, size, 0, transport.ErrTooLarge},
		{299, size, size, size, nil},
		{299, size + 1, size, 0, transport.ErrTooLarge},
		{200, size, 0, 0, nil},
		{199, size + 1, size, refusal, nil},
		{300, size + 1, size, refusal, nil},
		{500, size + 1, size, refusal, nil},
		{500, refusal - 1, size, refusal - 1, nil},
		{500, size + 1, 0, refusal, nil},
	} {
		text := strings.Repeat("x", c.sent)
		b := transport.Timeout{Next: wire(func(*http.Request) (*http.Response, error) {
			return &http.Response{StatusCode: c.status, ContentLength: -1, Body: io.NopCloser(strings.NewReader(text))}, nil
		}), Timeout: time.Minute, MaxBytes: c.size}
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
			t.Errorf("%+v: read %d bytes, length %d: error %v", c, len(body), res.ContentLength, err)
		}
	}
}

// TestAttemptSizeOfTheClient checks the bound of a call of the API.
func TestAttemptSizeOfTheClient(t *testing.T) {
	const text, most = `{"id":"x"}`, 16 << 20
	for size, want := range map[int]client.ErrorClass{most: "", most + 1: client.NotJSON} {
		body := text + strings.Repeat(" ", size-len(text))
		s, err := over(t, func(*http.Request) (*http.Response, error) { return verbatim(body), nil }).Sandbox(t.Context(), "x")
		if client.ErrorClassOf(err) != want || err == nil && s.ID != "x" {
			t.Errorf("%d bytes: %v, error %v", size, s, err)
		}
	}
}

// verbatim returns a response with a JSON text as its body.
func verbatim(body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}}, Body: io.NopCloser(strings.NewReader(body))}
}
