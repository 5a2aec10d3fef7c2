package client

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const testKey = "dtn_0123456789abcdef"

// wire is a round tripper that answers requests within the process.
type wire func(*http.Request) (*http.Response, error)

func (w wire) RoundTrip(req *http.Request) (*http.Response, error) {
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	return w(req)
}

// answer returns a JSON response; headers are name, value, name, value.
func answer(status int, body any, headers ...string) *http.Response {
	data, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	h := http.Header{"Content-Type": {"application/json; charset=utf-8"}}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(bytes.NewReader(data))}
}

// refusal returns the body of an error.
func refusal(message string) map[string]any { return map[string]any{"message": message} }

// over returns a client whose requests go to w.
func over(t *testing.T, w wire, change ...func(*Config)) *Client {
	t.Helper()
	config := Config{URL: "https://daytona.test/api", Key: testKey, Version: "1.2.3", Transport: w}
	for _, f := range change {
		f(&config)
	}
	c, err := New(config)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// serve returns a client of an HTTP server on this machine.
func serve(t *testing.T, handler http.HandlerFunc) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	c, err := New(Config{URL: server.URL + "/api", Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close(); server.Close() })
	return c
}
