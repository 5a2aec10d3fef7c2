package client

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"time"
)

const (
	maxAttempts     = 6
	maxTimeouts     = 2 // of the attempts, since each lasts
	maxServerErrors = 3 // likewise, since a 500 may be the caller's mistake
	backoffBase     = 200 * time.Millisecond
	backoffCap      = 5 * time.Second
	maxRetryAfter   = 5 * time.Minute // a server that asks for more is an error, not a wait
)

// retryTransport repeats attempts that failed in passing. A request that must not
// reach the server twice is repeated only when it surely did not reach it, or
// was turned away by a rate limit.
type retryTransport struct {
	next         http.RoundTripper
	log          *slog.Logger
	redact       redactor
	stats        *statsCollector
	waitReporter *waitReporter
}

func (t retryTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for attempt := 1; ; attempt++ {
		clone, err := requestForAttempt(req, attempt)
		if err != nil {
			return nil, err
		}
		res, err := t.next.RoundTrip(clone)
		o := attemptResult{routeFromContext(ctx), req.Method, attempt, res, err}
		wait, retry := o.retryDelay()
		if !retry || ctx.Err() != nil {
			return res, err
		}
		if res != nil {
			res.Body.Close()
		}
		t.stats.addRetry()
		t.log.LogAttrs(ctx, slog.LevelDebug, "repeat", slog.String("method", req.Method),
			slog.String("path", t.redact.text(req.URL.EscapedPath())), slog.Int("attempt", attempt+1), slog.Duration("after", wait))
		if err := t.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (t retryTransport) pause(ctx context.Context, wait time.Duration) error {
	t.waitReporter.report(wait)
	start := time.Now()
	err := sleep(ctx, wait, nil)
	t.stats.addWait(time.Since(start))
	recordWait(ctx, time.Since(start))
	return err
}

// requestForAttempt is the request for an attempt, with its body at the beginning.
func requestForAttempt(req *http.Request, attempt int) (*http.Request, error) {
	again := req.Clone(contextWithAttempt(req.Context(), attempt))
	if req.GetBody == nil {
		return again, nil
	}
	body, err := req.GetBody()
	again.Body = body
	return again, err
}

// attemptResult is an attempt and what came of it.
type attemptResult struct {
	Route
	method  string
	attempt int // counted from 1
	res     *http.Response
	err     error
}

// retryDelay decides whether another attempt is worth it, and after which wait.
func (o attemptResult) retryDelay() (wait time.Duration, retry bool) {
	if o.attempt >= maxAttempts {
		return 0, false
	}
	wait = backoff(o.attempt)
	if o.Class == RatePreview {
		return wait, o.attempt == 1 && o.err != nil && !permanent(o.err) && !errors.Is(o.err, errTimeout)
	}
	if o.err != nil {
		if errors.Is(o.err, errTimeout) && o.attempt >= maxTimeouts {
			return 0, false
		}
		return wait, !permanent(o.err) && (!o.NonIdempotent || notSent(o.err))
	}
	serverWait, _ := retryAfter(o.res.Header, time.Now())
	if serverWait > maxRetryAfter {
		return 0, false
	}
	if o.res.StatusCode == http.StatusTooManyRequests {
		if !o.rateLimited() {
			return max(wait, serverWait), true
		}
		if serverWait > 0 {
			wait = 0 // the pacing holds everything of the class back
		}
		return wait, true
	}
	return max(wait, serverWait), o.transient()
}

// transient is true of a server's failure that may be over at the next attempt
// of a request that may be repeated.
func (o attemptResult) transient() bool {
	switch o.res.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !o.NonIdempotent
	case http.StatusInternalServerError:
		return (o.method == http.MethodGet || o.Class == RateStorage) && o.attempt < maxServerErrors
	default:
		return false
	}
}

// notSent is true when no connection was made.
func notSent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

// permanent is true of errors that stay: a name that does not exist, a
// certificate nobody trusts, an answer without end.
func permanent(err error) bool {
	if dns, ok := errors.AsType[*net.DNSError](err); ok && dns.IsNotFound {
		return true
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return true
	}
	return errors.Is(err, errTooLarge)
}

// backoff draws from a range that doubles with each attempt.
func backoff(attempt int) time.Duration {
	return rand.N(min(backoffBase<<(attempt-1), backoffCap)) + 1
}

// sleep waits until the time is over, wake is closed or the context is done.
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
