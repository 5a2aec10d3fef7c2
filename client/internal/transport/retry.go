package transport

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"

	"fleet/client/internal/api"
)

// Bounds of the attempts at a call.
const (
	MaxAttempts = 6
	BackoffCap  = 5 * time.Second

	maxRefusals     = 20 // attempts at a creation, if a rate limit refuses them: many may compete for few places
	maxTimeouts     = 2  // attempts, if they time out: each of them takes long
	maxServerErrors = 3  // attempts, if the server answers with 500: the request may be at fault
	backoffBase     = 200 * time.Millisecond
)

// Retry repeats attempts that failed for a reason that may pass. A request that must
// not reach the server twice is repeated only if it certainly did not reach it, or
// was turned away by a rate limit.
type Retry struct {
	Next   http.RoundTripper // the next link
	Log    *slog.Logger      // gets a line for each retry, at level debug
	Redact api.Redactor      // removes secrets from paths
	Stats  *Collector        // counts retries and waits
	Waits  *WaitReporter     // reports long waits
}

// RoundTrip implements http.RoundTripper.
func (t Retry) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for attempt := 1; ; attempt++ {
		clone, err := requestForAttempt(req, attempt)
		if err != nil {
			return nil, err
		}
		res, err := t.Next.RoundTrip(clone)
		result := attemptResult{api.RouteFromContext(ctx), req.Method, attempt, res, err}
		wait, retry := result.retryDelay()
		if !retry || ctx.Err() != nil {
			return res, err
		}
		if res != nil {
			res.Body.Close()
		}
		t.Stats.addRetry()
		t.Log.LogAttrs(ctx, slog.LevelDebug, "repeat", slog.String("method", req.Method),
			slog.String("path", t.Redact.Text(req.URL.EscapedPath())), slog.Int("attempt", attempt+1), slog.Duration("after", wait))
		if err := t.pause(ctx, wait, result.rateLimited()); err != nil {
			return nil, err
		}
	}
}

// pause waits before another attempt, for a rate limit if limited is set.
func (t Retry) pause(ctx context.Context, wait time.Duration, limited bool) error {
	if wait == 0 {
		return ctx.Err()
	}
	t.Waits.report(wait)
	start := time.Now()
	defer func() { t.Stats.addWait(time.Since(start)) }()
	if limited {
		defer recordThrottling(ctx)()
		defer recordRateLimit(ctx)()
		return sleep(ctx, wait, nil)
	}
	err := sleep(ctx, wait, nil)
	record(ctx, func(l *RequestLog) { l.Wait += time.Since(start) })
	return err
}

// requestForAttempt returns a copy of a request for an attempt, whose body is at its
// beginning.
func requestForAttempt(req *http.Request, attempt int) (*http.Request, error) {
	clone := req.Clone(api.WithAttempt(req.Context(), attempt))
	if req.GetBody == nil {
		return clone, nil
	}
	body, err := req.GetBody()
	clone.Body = body
	return clone, err
}

// attemptResult is the outcome of an attempt.
type attemptResult struct {
	api.Route
	method  string
	attempt int // counted from 1
	res     *http.Response
	err     error
}

// rateLimited reports whether a rate limit of the API refused the attempt.
func (r attemptResult) rateLimited() bool {
	return r.res != nil && r.res.StatusCode == http.StatusTooManyRequests && r.Class.IsAPI()
}

// retryDelay reports whether another attempt may succeed, and after which wait.
func (r attemptResult) retryDelay() (wait time.Duration, retry bool) {
	most := MaxAttempts
	if r.rateLimited() && r.Class == api.RateCreate {
		most = maxRefusals
	}
	if r.attempt >= most {
		return 0, false
	}
	wait = backoff(r.attempt)
	if r.Class == api.RatePreview {
		return wait, r.attempt == 1 && r.err != nil && !permanent(r.err) && !errors.Is(r.err, ErrTimeout)
	}
	if r.err != nil {
		if errors.Is(r.err, ErrTimeout) && r.attempt >= maxTimeouts {
			return 0, false
		}
		return wait, !permanent(r.err) && (!r.NonIdempotent || NotSent(r.err))
	}
	serverWait, _ := api.RetryAfter(r.res.Header, time.Now())
	if serverWait > api.MaxRetryAfter {
		return 0, false
	}
	if r.res.StatusCode == http.StatusTooManyRequests {
		if !r.Class.IsAPI() {
			return max(wait, serverWait), true
		}
		if serverWait > 0 {
			wait = 0 // the pacer holds back all requests of the class
		}
		return wait, true
	}
	return max(wait, serverWait), r.transient()
}

// transient reports whether the server failed in a way that may be over at the next
// attempt, and the request may be repeated.
func (r attemptResult) transient() bool {
	switch r.res.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !r.NonIdempotent
	case http.StatusInternalServerError:
		return (r.method == http.MethodGet || r.Class == api.RateStorage) && r.attempt < maxServerErrors
	default:
		return false
	}
}

// permanent reports whether an error would come back at each attempt: the host does
// not exist, its certificate is not trusted, or the response is too large.
func permanent(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	return errors.Is(err, ErrTooLarge)
}

// backoff returns a random wait from a range that doubles with each attempt.
func backoff(attempt int) time.Duration {
	return rand.N(min(backoffBase<<(attempt-1), BackoffCap)) + 1
}

// sleep waits until d is over, done is closed or ctx ends. A nil done never ends the
// wait; only the end of ctx is an error.
func sleep(ctx context.Context, d time.Duration, done <-chan struct{}) error {
	if ctx.Err() != nil || d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
