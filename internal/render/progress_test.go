package render

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/plan"
)

func working(s *plan.Step, v plan.Verb) apply.Event {
	return apply.Event{Phase: apply.Working, Step: s, Verb: v}
}

func ended(s *plan.Step, phase apply.Phase, err error) apply.Event {
	return apply.Event{Phase: phase, Step: s, Err: err, Took: 1500 * time.Millisecond}
}

// aRun is what happens in a run of three steps.
func aRun() []apply.Event {
	web, db, side := step("web", plan.Create), step("db", plan.Replace), step("side", plan.Create)
	return []apply.Event{
		working(web, plan.DoCreate), working(db, plan.DoDelete),
		ended(web, apply.Done, nil), working(db, plan.DoCreate),
		ended(db, apply.Failed, errors.New("the build failed\nstep 3")),
		ended(side, apply.Skipped, errors.New("sandbox.db was not done")),
	}
}

func progress(total, width int, s Style, events ...apply.Event) string {
	var b strings.Builder
	p := NewProgress(&b, total, width, s)
	for _, e := range events {
		p.Event(e)
	}
	p.Close()
	return b.String()
}

func TestProgressWithoutTerminal(t *testing.T) {
	same(t, "lines", progress(3, 0, Style{}, aRun()...), strings.Join([]string{
		"+ sandbox.web created (1.5s)",
		"x failed sandbox.db: the build failed",
		"x skipped sandbox.side: sandbox.db was not done", "",
	}, "\n"))
}

func TestProgressOnTerminal(t *testing.T) {
	golden(t, "progress.txt", progress(3, 80, Style{Color: true}, aRun()...))
}

func TestProgressOfEveryAction(t *testing.T) {
	for _, s := range everything().Steps {
		s.Blocked = nil
		text := progress(1, 0, Style{}, ended(s, apply.Done, nil))
		if want := fmt.Sprintf("%c %s ", s.Action, s.Address); !strings.HasPrefix(text, want) || strings.Contains(text, "  (") {
			t.Errorf("%s is told as %q", s.Action, text)
		}
	}
}

func TestProgressOfLongErrors(t *testing.T) {
	got := progress(1, 0, Style{}, ended(step("web", plan.Create), apply.Failed, errors.New("the build failed:\nstep 3")))
	same(t, "line", got, "x failed sandbox.web: the build failed\n")
}

func TestProgressOfUnknownErrors(t *testing.T) {
	same(t, "line", progress(1, 0, Style{}, ended(step("web", plan.Create), apply.Interrupted, nil)), "x interrupted sandbox.web: no reason is known\n")
}

// Logs of builds are shown as they come, or with the builds that fail.
func TestProgressOfBuilds(t *testing.T) {
	web := step("web", plan.Create)
	events := []apply.Event{working(web, plan.DoCreate)}
	for i := range 3 {
		events = append(events, apply.Event{Phase: apply.Logged, Step: web, Text: fmt.Sprintf("line %d", i)})
	}
	var b strings.Builder
	p := NewProgress(&b, 2, 80, Style{})
	p.StreamLogs()
	for _, e := range events {
		p.Event(e)
	}
	p.Close()
	golden(t, "logs.txt", b.String())
	same(t, "of a good build", progress(1, 0, Style{}, append(events, ended(web, apply.Done, nil))...), "+ sandbox.web created (1.5s)\n")
	failed := progress(1, 0, Style{}, append(events, ended(web, apply.Failed, errors.New("the build failed")))...)
	for i := range 3 {
		if !strings.Contains(failed, fmt.Sprintf("line %d\n", i)) {
			t.Errorf("line %d is not told:\n%s", i, failed)
		}
	}
}

func TestProgressStops(t *testing.T) {
	web, db := step("web", plan.Create), step("db", plan.Create)
	drain := func(s *plan.Step) apply.Event {
		return apply.Event{Phase: apply.Draining, Step: s, Verb: plan.DoCreate, Err: apply.ErrStopped}
	}
	same(t, "lines", progress(2, 0, Style{}, working(web, plan.DoCreate), working(db, plan.DoCreate), drain(web), drain(db), ended(web, apply.Done, nil)), strings.Join([]string{
		"Stopping: no more steps are begun, and these are let finish. Ctrl-C again leaves at once.",
		"  create sandbox.web",
		"  create sandbox.db",
		"+ sandbox.web created (1.5s)", "",
	}, "\n"))
}

// After a failure that ends the run nobody has pressed anything yet.
func TestProgressStopsByItself(t *testing.T) {
	web := step("web", plan.Create)
	drained := apply.Event{Phase: apply.Draining, Step: web, Verb: plan.DoCreate}
	same(t, "lines", progress(1, 0, Style{}, working(web, plan.DoCreate), drained), strings.Join([]string{
		"Stopping: no more steps are begun, and these are let finish.",
		"  create sandbox.web", "",
	}, "\n"))
}

func TestProgressOfBlockedSteps(t *testing.T) {
	kept := with(step("kept", plan.Delete), blocked(plan.Protected, "it is protected", ""))
	same(t, "lines", progress(1, 0, Style{}, ended(kept, apply.Skipped, errors.New("blocked"))), "")
}

// A screen is what a terminal shows of one line of text at its bottom.
type screen struct {
	t     *testing.T
	width int
	lines []string // finished
	line  []rune
	at    int
}

func (s *screen) Write(b []byte) (int, error) {
	text := string(b)
	for text != "" {
		rest, clears := strings.CutPrefix(text, "\x1b[K")
		r := []rune(text)[0]
		switch {
		case clears:
			s.line, text = s.line[:s.at], rest
			continue
		case r == '\n':
			s.lines, s.line, s.at = append(s.lines, string(s.line)), nil, 0
		case r == '\r':
			s.at = 0
		case r == '\x1b':
			s.t.Errorf("an unknown escape in %q", text)
		default:
			s.line = append(s.line[:s.at], append([]rune{r}, s.line[min(s.at+1, len(s.line)):]...)...)
			s.at++
		}
		text = text[len(string(r)):]
	}
	return len(b), nil
}

// TestStatusLine watches the screen after each event: the status fits into a
// line, counts right, and is gone wherever a step is told.
func TestStatusLine(t *testing.T) {
	for width := 5; width < 120; width += 7 {
		out := &screen{t: t, width: width}
		p := NewProgress(out, 40, width, Style{})
		for i := range 40 {
			s := step(fmt.Sprintf("worker[%d]", i), plan.Create)
			next := step(fmt.Sprintf("worker[%d]", (i+1)%40), plan.Create)
			p.Event(working(s, plan.DoCreate))
			p.Event(working(next, plan.DoCreate))
			full := fmt.Sprintf("[%d/40] create %s, create %s", i, s.Address, next.Address)
			if i > 0 && i < 39 && len(full) < width {
				same(t, "status", string(out.line), full)
			}
			if len(out.line) == 0 || len(out.line) >= width {
				t.Fatalf("in a width of %d the status is %q", width, string(out.line))
			}
			p.Event(ended(s, apply.Done, nil))
			same(t, "told", out.lines[len(out.lines)-1], fmt.Sprintf("+ %s created (1.5s)", s.Address))
		}
		p.Close()
		same(t, "what is left on the screen", string(out.line), "")
		same(t, "lines", len(out.lines), 40)
	}
}

func TestStatusLineInNoSpace(t *testing.T) {
	for width := 1; width < 5; width++ {
		out := &screen{t: t, width: width}
		NewProgress(out, 40, width, Style{}).Event(working(step("worker", plan.Create), plan.DoCreate))
		if len(out.line) >= width {
			t.Errorf("in a width of %d the status is %q", width, string(out.line))
		}
	}
}

// The plan told of blocked steps, but they are counted as they are passed.
func TestStatusLineAfterBlockedSteps(t *testing.T) {
	out := &screen{t: t, width: 80}
	p := NewProgress(out, 3, 80, Style{})
	p.Event(working(step("web", plan.Create), plan.DoCreate))
	p.Event(ended(with(step("kept", plan.Delete), blocked(plan.Protected, "it is protected", "")), apply.Skipped, nil))
	same(t, "status", string(out.line), "[1/3] create sandbox.web")
}

// Waits for what is right already are told too, and are part of the whole.
func TestStatusLineNeverExceedsItsTotal(t *testing.T) {
	out := &screen{t: t, width: 80}
	p := NewProgress(out, 1, 80, Style{})
	for _, key := range []string{"a", "b"} {
		p.Event(ended(step(key, plan.NoOp), apply.Done, nil))
	}
	p.Event(working(step("web", plan.Create), plan.DoCreate))
	if strings.HasPrefix(string(out.line), "[2/1]") {
		t.Errorf("the status is %q", string(out.line))
	}
}
