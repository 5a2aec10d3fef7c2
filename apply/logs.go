package apply

import (
	"cmp"
	"context"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/apply/internal/buildlog"
	"fleet/apply/internal/operation"
	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
)

// Build logs are only shown. The state of the object decides about the build, even if
// its log could not be read.

const (
	maxStreams        = 16              // builds that are followed at once
	maxPendingUploads = 64              // reports of uploads; more are dropped
	reconnectDelay    = 2 * time.Second // before a stream that broke is opened again
)

// logStreams follow the logs of builds, and receive the lines of hooks.
type logStreams struct {
	api   *client.Client
	group errgroup.Group
	lines chan logLine

	uploads chan Event // the progress of uploads; never blocks
}

// A logLine is a line that a step has written.
type logLine struct {
	step *plan.Step
	verb plan.Verb // that wrote it: a creation or a hook
	text string    // without secrets
}

func newLogStreams(api *client.Client) *logStreams {
	s := &logStreams{api: api, lines: make(chan logLine), uploads: make(chan Event, maxPendingUploads)}
	s.group.SetLimit(maxStreams)
	return s
}

// send passes a line to the loop, unless ctx ends before.
func (s *logStreams) send(ctx context.Context, step *plan.Step, verb plan.Verb, text string) {
	s.deliver(ctx, logLine{step, verb, text})
}

// sendUpload passes the progress of an upload to the loop, unless it is too busy.
func (s *logStreams) sendUpload(step *plan.Step, u operation.Upload) {
	select {
	case s.uploads <- Event{Phase: Uploading, Step: step, Verb: plan.DoCreate, Upload: u}:
	default:
	}
}

// deliver passes a line to the loop, and reports whether it did so before ctx ended.
func (s *logStreams) deliver(ctx context.Context, line logLine) bool {
	select {
	case s.lines <- line:
		return true
	case <-ctx.Done():
		return false
	}
}

// follow streams the build log of an object that was just created until the task or the
// run ends, if enabled is set and not too many logs are followed already. w is the wait
// for the object.
func (s *logStreams) follow(ctx context.Context, t *task, w *operation.Wait, enabled bool) {
	if !enabled || t.stopLog != nil || !t.work.Builds() {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	step, id := t.step, cmp.Or(w.ID, t.work.ID)
	sent, ended := 0, make(chan struct{})
	started := s.group.TryGo(func() error {
		defer close(ended)
		sent = s.stream(ctx, step, id)
		return nil
	})
	if !started {
		cancel()
		return
	}
	t.stopLog = cancel
	t.work.StopLog = func() int {
		cancel()
		<-ended
		return sent
	}
}

// stream sends the lines of a log to the loop, and opens the stream again when it
// breaks. A build without a log has nothing to send. It returns the number of lines that
// were sent.
func (s *logStreams) stream(ctx context.Context, step *plan.Step, id string) int {
	open := kind.Of(step.Address.Kind).BuildLog
	sent := 0
	for {
		log, err := open(s.api, ctx, id)
		switch client.ErrorClassOf(err) {
		case client.NotFound, client.NotSupported:
			return sent
		}
		if err == nil {
			sent = s.sendLines(ctx, step, log, sent)
		}
		if !operation.Sleep(ctx, nil, reconnectDelay) {
			return sent
		}
	}
}

// sendLines sends the lines of a log after those that were sent before, and returns how
// many have been sent.
func (s *logStreams) sendLines(ctx context.Context, step *plan.Step, log io.ReadCloser, sent int) int {
	defer log.Close()
	lines := buildlog.NewLines(log, step.Want.Redact)
	for n := 0; ; n++ {
		text, err := lines.Next()
		switch {
		case err != nil:
			return max(n, sent)
		case n < sent:
		case !s.deliver(ctx, logLine{step, plan.DoCreate, text}):
			return n
		}
	}
}
