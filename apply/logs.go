package apply

import (
	"bufio"
	"context"
	"io"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
)

// Build logs are for the eyes only: whatever becomes of a stream, the state of
// the object decides about the build.

const (
	// maxStreams is how many builds are followed at once. Of many equal builds
	// the first ones tell all there is to tell.
	maxStreams = 4
	// reconnectDelay is the pause before a stream that broke is taken up again.
	reconnectDelay = 2 * time.Second
	// maxLineLength is where a line of a log is cut.
	maxLineLength = 4 << 10
)

// A logLine is a line of the build log of a step.
type logLine struct {
	step *plan.Step
	verb plan.Verb // that wrote it: a creation, or a hook
	text string
}

// followLog streams the build log of an object that was just created, until the
// run or the wait for it is over.
func (r *runner) followLog(ctx context.Context, t *task) {
	if !r.opts.Logs || t.stopLog != nil || t.step.Ops[t.opIndex].Verb != plan.DoCreate || !t.step.Want.BuildsImage() {
		return
	}
	ctx, cancel := context.WithCancel(ctx)
	step, id := t.step, t.id
	started := r.streams.TryGo(func() error {
		r.streamLog(ctx, step, id)
		return nil
	})
	if !started {
		cancel()
		return
	}
	t.stopLog = cancel
}

// streamLog sends the lines of a log to the loop, and takes up the stream where it
// broke. Of a build that has no log there is nothing to send.
func (r *runner) streamLog(ctx context.Context, step *plan.Step, id string) {
	open := kind.Of(step.Address.Kind).BuildLog
	seen := 0
	for {
		log, err := open(r.api, ctx, id)
		switch client.ErrorClassOf(err) {
		case client.NotFound, client.NotSupported:
			return
		}
		if err == nil {
			seen = r.sendLines(ctx, step, log, seen)
		}
		if !sleep(ctx, nil, reconnectDelay) {
			return
		}
	}
}

// sendLines sends the lines after the first seen ones, and returns how many there
// have been.
func (r *runner) sendLines(ctx context.Context, step *plan.Step, log io.ReadCloser, seen int) int {
	defer log.Close()
	reader := bufio.NewReaderSize(log, maxLineLength)
	for n := 0; ; n++ {
		text, cut, err := reader.ReadLine()
		for more := cut; more && err == nil; {
			_, more, err = reader.ReadLine()
		}
		if err != nil {
			return max(n, seen)
		}
		if n < seen {
			continue
		}
		select {
		case r.logged <- logLine{step, plan.DoCreate, step.Want.Redact(string(text))}:
		case <-ctx.Done():
			return n
		}
	}
}
