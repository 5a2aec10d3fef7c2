package apply

import (
	"bufio"
	"cmp"
	"context"
	"io"
	"time"

	"golang.org/x/sync/errgroup"

	"fleet/apply/internal/operation"
	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
)

// Build logs are only shown. The state of the object decides about the build, even if
// its log could not be read.

const (
	maxStreams     = 4               // builds that are followed at once; equal builds write equal logs
	reconnectDelay = 2 * time.Second // before a stream that broke is opened again
	maxLineLength  = 4 << 10         // bytes, at which a line is cut
)

// logStreams follow the logs of builds, and receive the lines of hooks.
type logStreams struct {
	api   *client.Client
	group errgroup.Group
	lines chan logLine
}

// A logLine is a line that a step has written.
type logLine struct {
	step *plan.Step
	verb plan.Verb // that wrote it: a creation or a hook
	text string    // without secrets
}

func newLogStreams(api *client.Client) *logStreams {
	s := &logStreams{api: api, lines: make(chan logLine)}
	s.group.SetLimit(maxStreams)
	return s
}

// send passes a line to the loop, unless ctx ends before.
func (s *logStreams) send(ctx context.Context, step *plan.Step, verb plan.Verb, text string) {
	select {
	case s.lines <- logLine{step, verb, text}:
	case <-ctx.Done():
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
	started := s.group.TryGo(func() error {
		s.stream(ctx, step, id)
		return nil
	})
	if !started {
		cancel()
		return
	}
	t.stopLog = cancel
}

// stream sends the lines of a log to the loop, and opens the stream again when it
// breaks. A build without a log has nothing to send.
func (s *logStreams) stream(ctx context.Context, step *plan.Step, id string) {
	open := kind.Of(step.Address.Kind).BuildLog
	sent := 0
	for {
		log, err := open(s.api, ctx, id)
		switch client.ErrorClassOf(err) {
		case client.NotFound, client.NotSupported:
			return
		}
		if err == nil {
			sent = s.sendLines(ctx, step, log, sent)
		}
		if !operation.Sleep(ctx, nil, reconnectDelay) {
			return
		}
	}
}

// sendLines sends the lines of a log after those that were sent before, and returns how
// many have been sent.
func (s *logStreams) sendLines(ctx context.Context, step *plan.Step, log io.ReadCloser, sent int) int {
	defer log.Close()
	reader := bufio.NewReaderSize(log, maxLineLength)
	for n := 0; ; n++ {
		text, cut, err := reader.ReadLine()
		for more := cut; more && err == nil; {
			_, more, err = reader.ReadLine()
		}
		if err != nil {
			return max(n, sent)
		}
		if n < sent {
			continue
		}
		if s.send(ctx, step, plan.DoCreate, step.Want.Redact(string(text))); ctx.Err() != nil {
			return n
		}
	}
}
