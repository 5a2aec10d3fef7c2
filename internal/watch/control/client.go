package control

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"mime"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/journal"
)

// Limits of a request.
const (
	timeout     = 30 * time.Second
	maxResponse = 64 << 20 // bytes
	maxProblem  = 4 << 10  // bytes of an error
)

// ErrNotRunning reports that no watch has the socket open.
var ErrNotRunning = errors.New("no fleet watch runs for this fleet on this machine")

// An Error is a response that refuses a request.
type Error struct {
	Status int          // of HTTP
	Text   foreign.Text // what the watch responded
}

func (e *Error) Error() string {
	if e.Text == "" {
		return fmt.Sprintf("the watch responded with status %d", e.Status)
	}
	return e.Text.String()
}

// A Client sends requests to one watch. It may be used by several goroutines.
type Client struct {
	http  *http.Client
	base  string // URL without a slash at its end
	token string
}

// OverSocket returns a client of the watch that has a unix socket open.
func OverSocket(path string) *Client {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", path)
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) {
			return nil, ErrNotRunning
		}
		return c, err
	}
	return newClient(&http.Transport{DialContext: dial, DisableKeepAlives: true}, "http://fleet", "")
}

// A Remote is the address of a watch on another machine.
type Remote struct {
	URL          string
	Token        string // empty for none
	InsecureHTTP bool   // send the token over plain http to other machines

	TLS *tls.Config // nil for the certificates of the system
}

// Open returns a client of a watch, or an error if the URL must not be used.
func (r Remote) Open() (*Client, error) {
	u, err := url.Parse(r.URL)
	switch {
	case err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("must be an http or https URL, such as http://127.0.0.1:7777, without user, query and fragment")
	case u.Scheme == "http" && r.Token != "" && !r.InsecureHTTP && !isLoopback(u.Hostname()):
		return nil, errors.New("plain http to another machine exposes the token: use https, for example through a proxy, or an ssh tunnel; --insecure-http allows it")
	}
	t := &http.Transport{DisableKeepAlives: true, TLSClientConfig: r.TLS, ForceAttemptHTTP2: true}
	return newClient(t, strings.TrimRight(r.URL, "/"), r.Token), nil
}

func isLoopback(host string) bool {
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}

// newClient returns a client that follows no redirects: they would carry the token.
func newClient(t *http.Transport, base, token string) *Client {
	stay := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &Client{&http.Client{Transport: t, Timeout: timeout, CheckRedirect: stay}, base, token}
}

// State returns the journal of the watch.
func (c *Client) State(ctx context.Context) (journal.State, error) {
	var s journal.State
	err := c.send(ctx, http.MethodGet, "/api/state", nil, &s)
	return s, err
}

// Reconcile asks for a pass. Like all requests, it does not wait for it.
func (c *Client) Reconcile(ctx context.Context) error {
	return c.send(ctx, http.MethodPost, "/api/reconcile", map[string]string{}, nil)
}

// Approve approves the plan with a digest. The status of its [Error] is 409 if that is
// not the plan that waits.
func (c *Client) Approve(ctx context.Context, digest string) error {
	return c.send(ctx, http.MethodPost, "/api/approve", map[string]string{"digest": digest}, nil)
}

// Pause leaves out an address until it is resumed; "" means the whole fleet. The status
// of its [Error] is 404 if there is no such address.
func (c *Client) Pause(ctx context.Context, address string) error {
	return c.send(ctx, http.MethodPost, "/api/pause", map[string]string{"address": address}, nil)
}

// Resume ends a pause.
func (c *Client) Resume(ctx context.Context, address string) error {
	return c.send(ctx, http.MethodPost, "/api/resume", map[string]string{"address": address}, nil)
}

// send sends a request and decodes the response. Nil bodies and results are omitted.
func (c *Client) send(ctx context.Context, method, path string, body, result any) error {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, http.NoBody)
	if err != nil {
		return err
	}
	if body != nil {
		text, err := json.Marshal(body)
		if err != nil {
			return err
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	response, err := c.http.Do(r)
	if errors.Is(err, ErrNotRunning) {
		return ErrNotRunning
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return refusal(response)
	}
	if result == nil {
		return nil
	}
	if err := json.NewDecoder(io.LimitReader(response.Body, maxResponse)).Decode(result); err != nil {
		return fmt.Errorf("%s is not a fleet watch, or its response is cut off: %w", c.base, err)
	}
	return nil
}

// refusal returns the error of a response.
func refusal(response *http.Response) error {
	e := &Error{Status: response.StatusCode}
	var problem struct {
		Error foreign.Text `json:"error"`
	}
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind == "application/json" && json.NewDecoder(io.LimitReader(response.Body, maxProblem)).Decode(&problem) == nil {
		e.Text = problem.Error
	}
	return e
}
