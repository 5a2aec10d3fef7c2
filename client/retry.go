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
	maxAttempts = 6
	maxTimeouts = 2 // of the attempts, since each lasts
	maxInternal = 3 // likewise, since a 500 may be the caller's mistake
	backoffBase = 200 * time.Millisecond
	backoffCap  = 5 * time.Second
	maxToldWait = 5 * time.Minute // a server that asks for more is an error, not a wait
)

// retrying repeats attempts that failed in passing. A request that must not
// reach the server twice is repeated only when it surely did not reach it, or
// was turned away by a rate limit.
type retrying struct {
	next   http.RoundTripper
	log    *slog.Logger
	redact redactor
	tally  *tally
	waits  *waiting
}

func (t retrying) RoundTrip(req *http.Request) (*http.Response, error) {
	ctx := req.Context()
	for attempt := 1; ; attempt++ {
		again, err := fresh(req, attempt)
		if err != nil {
			return nil, err
		}
		res, err := t.next.RoundTrip(again)
		o := outcome{operationIn(ctx), req.Method, attempt, res, err}
		wait, repeat := o.repeat()
		if !repeat || ctx.Err() != nil {
			return res, err
		}
		if res != nil {
			res.Body.Close()
		}
		t.tally.retried()
		t.log.LogAttrs(ctx, slog.LevelDebug, "repeat", slog.String("method", req.Method),
			slog.String("path", t.redact.text(req.URL.EscapedPath())), slog.Int("attempt", attempt+1), slog.Duration("after", wait))
		if err := t.pause(ctx, wait); err != nil {
			return nil, err
		}
	}
}

func (t retrying) pause(ctx context.Context, wait time.Duration) error {
	t.waits.begins(wait)
	start := time.Now()
	err := sleep(ctx, wait, nil)
	t.tally.paused(time.Since(start))
	trackWaited(ctx, time.Since(start))
	return err
}

// fresh is the request for an attempt, with its body at the beginning.
func fresh(req *http.Request, attempt int) (*http.Request, error) {
	again := req.Clone(withAttempt(req.Context(), attempt))
	if req.GetBody == nil {
		return again, nil
	}
	body, err := req.GetBody()
	again.Body = body
	return again, err
}

// outcome is an attempt and what came of it.
type outcome struct {
	operation
	method  string
	attempt int // counted from 1
	res     *http.Response
	err     error
}

// repeat decides whether another attempt is worth it, and after which wait.
func (o outcome) repeat() (wait time.Duration, again bool) {
	if o.attempt >= maxAttempts {
		return 0, false
	}
	wait = backoff(o.attempt)
	if o.class == Preview {
		return wait, o.attempt == 1 && o.err != nil && !hopeless(o.err) && !errors.Is(o.err, errTimeout)
	}
	if o.err != nil {
		if errors.Is(o.err, errTimeout) && o.attempt >= maxTimeouts {
			return 0, false
		}
		return wait, !hopeless(o.err) && (!o.once || unsent(o.err))
	}
	told, _ := retryAfter(o.res.Header, time.Now())
	if told > maxToldWait {
		return 0, false
	}
	if o.res.StatusCode == http.StatusTooManyRequests {
		if !o.paced() {
			return max(wait, told), true
		}
		if told > 0 {
			wait = 0 // the pacing holds everything of the class back
		}
		return wait, true
	}
	return max(wait, told), o.passing()
}

// passing is true of a server's failure that may be over at the next attempt
// of a request that may be repeated.
func (o outcome) passing() bool {
	switch o.res.StatusCode {
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return !o.once
	case http.StatusInternalServerError:
		return (o.method == http.MethodGet || o.class == Storage) && o.attempt < maxInternal
	default:
		return false
	}
}

// unsent is true when no connection was made.
func unsent(err error) bool {
	op, ok := errors.AsType[*net.OpError](err)
	return ok && (op.Op == "dial" || op.Op == "proxyconnect")
}

// hopeless is true of errors that stay: a name that does not exist, a
// certificate nobody trusts, an answer without end.
func hopeless(err error) bool {
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
func sleep(ctx context.Context, d time.Duration, wake <-chan struct{}) error {
	if ctx.Err() != nil || d <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-wake:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
