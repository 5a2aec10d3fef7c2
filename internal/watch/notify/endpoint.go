package notify

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"fleet/internal/foreign"
)

const (
	attemptTimeout = 15 * time.Second
	maxRetryAfter  = time.Hour
	maxAnswer      = 300 // bytes of an answer that are shown
	maxDiscarded   = 64 << 10
)

// An endpoint is a receiver of webhooks. Its address may hold a secret, so that only its
// name is shown.
type endpoint struct {
	name    string // host, with a number if it is not the first one of the host
	address string
	client  *http.Client
	options *WebhookOptions
	queue   *queue
	stats   stats
}

// An Answer is how an endpoint answered an attempt.
type Answer struct {
	Endpoint string // host
	Status   int    // 0 if there was no answer
	Text     string // beginning of the body, escaped
	Err      error  // nil if the notification was accepted

	retry bool          // whether another attempt may succeed
	after time.Duration // that the server asks to wait; 0 for none
}

// String returns the answer as a line, for example "chat.example: 204: delivered"
// or "chat.example: 404 no such hook: it answered 404".
func (a Answer) String() string {
	line := a.Endpoint + ":"
	if a.Status > 0 {
		line += " " + strings.TrimSpace(fmt.Sprintf("%d %s", a.Status, a.Text))
	}
	if a.Err == nil {
		return line + ": delivered"
	}
	if a.Status > 0 {
		line += ":"
	}
	return line + " " + a.Err.Error()
}

// parseAddress checks the address of a webhook, and returns its host. Errors do not show
// the address.
func parseAddress(address string, insecureHTTP bool) (host string, err error) {
	u, err := url.Parse(address)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return "", errors.New("is not an address that starts with https:// and a host")
	case u.User != nil:
		return "", errors.New("has a user or a password; put secrets into its path, or check the signature")
	case u.Fragment != "":
		return "", errors.New("has a fragment (#), which is never sent")
	case u.Scheme == "http" && !insecureHTTP && !isLoopback(u.Hostname()):
		return "", fmt.Errorf("is plain http to another machine, %q: others on the network could read it; use https://", u.Hostname())
	}
	return foreign.Escape(u.Host), nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// post sends a notification once.
func (e *endpoint) post(ctx context.Context, n Notification) (a Answer) {
	a.Endpoint = e.name
	body, mediaType, err := e.options.Template.payload(n)
	if err != nil {
		a.Err = err
		return a
	}
	ctx, cancel := context.WithTimeout(ctx, attemptTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, e.address, bytes.NewReader(body))
	if err != nil {
		a.Err = errors.New("the address is not valid")
		return a
	}
	req.Header.Set("Content-Type", mediaType)
	req.Header.Set("User-Agent", "fleet/"+e.options.Version)
	sign(req.Header, e.options.Secrets, n.ID, e.options.Now(), body)
	res, err := e.client.Do(req)
	if err != nil {
		a.Err, a.retry = fmt.Errorf("no answer: %s", networkError(err)), true
		return a
	}
	defer res.Body.Close()
	return e.read(a, res)
}

// read completes the answer of an attempt.
func (e *endpoint) read(a Answer, res *http.Response) Answer {
	text, _ := io.ReadAll(io.LimitReader(res.Body, maxAnswer)) // an answer that ends early was given
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, maxDiscarded))
	a.Status, a.Text = res.StatusCode, foreign.Escape(strings.ToValidUTF8(strings.TrimSpace(string(text)), "?"))
	switch {
	case a.Status >= 200 && a.Status <= 299:
		return a
	case a.Status >= 300 && a.Status <= 399:
		a.Err = fmt.Errorf("it answered %d: redirects are not followed; name the address itself", a.Status)
	default:
		a.Err = fmt.Errorf("it answered %d", a.Status)
		a.retry = a.Status >= 500 || a.Status == http.StatusTooManyRequests || a.Status == http.StatusRequestTimeout || a.Status == http.StatusTooEarly
		a.after = retryAfter(res.Header.Get("Retry-After"), e.options.Now())
	}
	return a
}

// retryAfter returns the time of a Retry-After header, at most maxRetryAfter. It is 0 if
// there is none.
func retryAfter(header string, now time.Time) time.Duration {
	var d time.Duration
	if seconds, err := strconv.Atoi(header); err == nil {
		d = time.Duration(min(seconds, int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(header); err == nil {
		d = at.Sub(now)
	}
	return min(max(d, 0), maxRetryAfter)
}

// networkError returns the error of a request without its address.
func networkError(err error) string {
	if u, ok := errors.AsType[*url.Error](err); ok {
		if u.Timeout() {
			return "timed out"
		}
		err = u.Err
	}
	return foreign.Escape(cut(err.Error()))
}
