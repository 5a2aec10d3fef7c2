package progress

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
	"fleet/plan"
)

func onScreen(s *screen, total int, style term.Style) *Progress {
	return New(s, Options{Total: total, Style: style, Screen: s.size})
}

// draw waits until the view is drawn.
func draw() {
	time.Sleep(drawInterval)
	synctest.Wait()
}

func TestLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 80, 24)
		p := onScreen(s, 3, term.Style{})
		for _, e := range aRun()[:3] {
			p.Event(e)
		}
		draw()
		same(t, "a step is done", s.shown(), strings.Join([]string{
			"+ sandbox.web created (1.5s)",
			"[=============                           ] 1/3",
			"  delete     sandbox.db  0s",
		}, "\n"))
		p.Event(aRun()[3])
		time.Sleep(12 * time.Second)
		draw()
		same(t, "it goes on", s.shown(), strings.Join([]string{
			"+ sandbox.web created (1.5s)",
			"[=============                           ] 1/3",
			"  create     sandbox.db  12s",
		}, "\n"))
		for _, e := range aRun()[4:] {
			p.Event(e)
		}
		p.Close()
		same(t, "the end", s.shown(), progress(3, aRun()...))
	})
}

// A view with all of its parts.
func TestLiveOfMany(t *testing.T) {
	for name, size := range map[string][2]int{"80x24": {80, 24}, "200x60": {200, 60}, "20x5": {20, 5}, "40x10": {40, 10}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newScreen(t, size[0], size[1])
				p := onScreen(s, 1000, term.Style{})
				aLargeRun(p)
				draw()
				golden(t, "live."+name+".txt", s.shown()+"\n")
				p.Close()
				same(t, "what is left", s.shown(), "x failed sandbox.db: no such host\n")
			})
		})
	}
}

// aLargeRun sends the events of 1,000 steps in the middle of their run.
func aLargeRun(p *Progress) {
	db := step("db", plan.Create)
	p.Event(working(db, plan.DoCreate))
	p.Event(ended(db, apply.Failed, errors.New("no such host")))
	build := step("base", plan.Create)
	p.Event(working(build, plan.DoCreate))
	for i := range 20 {
		p.Event(apply.Event{Phase: apply.Logged, Step: build, Text: fmt.Sprintf("#%d RUN \x1b[1mpip install\x1b[0m numpy==%d", i, i)})
	}
	p.Event(apply.Event{Phase: apply.Pausing, Step: step("web[0]", plan.Replace), Text: "9m0s between two waves"})
	for i := range 600 {
		s := step(fmt.Sprintf("worker[%d]", i), plan.Create)
		p.Event(working(s, plan.DoCreate))
		if i%10 == 0 {
			time.Sleep(time.Second / 2)
		}
		if i >= 100 {
			p.Event(ended(step(fmt.Sprintf("worker[%d]", i-100), plan.Create), apply.Done, nil))
		}
	}
}

// The view fits a screen whose size changes all the time, and only lines remain
// of it.
func TestLiveFits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 80, 24)
		p := onScreen(s, 40, term.Style{})
		var told []string
		for i := range 40 {
			this, next := step(fmt.Sprintf("worker[%d]", i), plan.Create), step(fmt.Sprintf("worker[%d]", (i+1)%40), plan.Create)
			p.Event(working(this, plan.DoCreate))
			p.Event(working(next, plan.DoCreate))
			p.Event(apply.Event{Phase: apply.Logged, Step: next, Text: strings.Repeat("a long line ", 30)})
			columns, rows := 20+(i*37)%130, 12+(i*13)%50
			s.resize(columns, rows)
			draw()
			view := strings.Split(strings.TrimPrefix(s.shown(), strings.Join(told, "")), "\n")
			for _, row := range view {
				if term.StringWidth(row) >= columns {
					t.Fatalf("in %d columns a row is %q", columns, row)
				}
			}
			if len(view) >= rows {
				t.Fatalf("in %d rows the view has %d", rows, len(view))
			}
			p.Event(ended(this, apply.Done, nil))
			told = append(told, fmt.Sprintf("+ %s created (1.5s)\n", this.Address))
		}
		p.Close()
		same(t, "what is left", s.shown(), strings.Join(told, ""))
	})
}

// Nothing remains of views that scrolled away when the terminal became smaller.
func TestLiveAfterResizes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 200, 60)
		fmt.Fprint(s, "what was there\n")
		p := onScreen(s, 1000, term.Style{})
		for i := range 100 {
			p.Event(working(step(fmt.Sprintf("worker[%d]", i), plan.Create), plan.DoCreate))
		}
		draw()
		for i := range 200 {
			s.resize(90+(i*37)%110, 1+(i*29)%70) // of rows that are broken, too, a part may be out of reach
			draw()
		}
		s.resize(200, 60)
		draw()
		if rows := strings.Count(s.shown(), "\n"); rows > 41 {
			t.Errorf("there are %d rows:\n%s", rows, s.shown())
		}
		p.Close()
		same(t, "what is left", s.shown(), "what was there\n")
	})
}

// In the smallest of terminals there is something, and no more than fits.
func TestLiveInNoSpace(t *testing.T) {
	for columns := 1; columns < 12; columns++ {
		for rows := 1; rows < 5; rows++ {
			l := newLiveProgress(nil, Options{Total: 3}, time.Time{})
			for _, e := range aRun()[:3] {
				l.event(e, time.Time{})
			}
			view := l.view(columns, rows, time.Time{})
			if len(view) > max(rows-1, 1) || view[0].width >= columns {
				t.Errorf("in %d columns and %d rows: %d rows, the first of %d columns", columns, rows, len(view), view[0].width)
			}
		}
	}
}

// A large run only counts done steps, and prints a few lines for each reason of
// a failure.
func TestLiveLargeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 80, 24)
		p := onScreen(s, 1000, term.Style{})
		for i := range 1000 {
			x := step(fmt.Sprintf("worker[%d]", i), plan.Create)
			p.Event(working(x, plan.DoCreate))
			if i%10 > 0 {
				p.Event(ended(x, apply.Done, nil))
			} else {
				p.Event(ended(x, apply.Failed, fmt.Errorf("creating %q: no runners [request %d]", x.Name, i)))
			}
		}
		p.Close()
		var want strings.Builder
		for i := range maxSameReason {
			fmt.Fprintf(&want, "x failed sandbox.worker[%d]: creating \"worker[%d]\": no runners [request %d]\n", i*10, i*10, i*10)
		}
		want.WriteString("  further steps that failed for this reason are in the report\n")
		same(t, "lines", s.shown(), want.String())
	})
}

// The view is drawn at most ten times a second, and once a second without
// events.
func TestLiveIsDrawnSeldom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &drawings{}
		s := newScreen(t, 80, 24)
		p := New(n, Options{Total: 10_000, Screen: s.size})
		for i := range 5_000 {
			x := step(fmt.Sprintf("worker[%d]", i), plan.Create)
			p.Event(working(x, plan.DoCreate))
			time.Sleep(time.Millisecond)
			p.Event(ended(x, apply.Done, nil))
		}
		if n := n.writes.Swap(0); n > 51 {
			t.Errorf("in 5 seconds it was drawn %d times", n)
		}
		time.Sleep(10 * time.Second)
		synctest.Wait()
		if n := n.writes.Load(); n > 11 {
			t.Errorf("in 10 seconds without an event it was drawn %d times", n)
		}
		p.Close()
	})
}

// drawings counts writes.
type drawings struct{ writes atomic.Int64 }

func (c *drawings) Write(b []byte) (int, error) {
	c.writes.Add(1)
	return len(b), nil
}

// A view in colours.
func TestLiveInColours(t *testing.T) {
	l := newLiveProgress(nil, Options{Total: 3, Style: term.Style{Color: true}}, time.Time{})
	for _, e := range aRun()[:5] {
		l.event(e, time.Time{})
	}
	l.event(working(step("side", plan.Delete), plan.DoDelete), time.Time{})
	text := l.pendingLines.String()
	for _, r := range l.view(80, 24, time.Time{}.Add(time.Minute)) {
		text += r.text.String() + "\n"
	}
	golden(t, "progress.txt", text)
}

func TestLiveStops(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 80, 24)
		p := onScreen(s, 2, term.Style{})
		for _, key := range []string{"web", "db"} {
			p.Event(working(step(key, plan.Create), plan.DoCreate))
		}
		for _, key := range []string{"web", "db"} {
			p.Event(apply.Event{Phase: apply.Draining, Step: step(key, plan.Create), Verb: plan.DoCreate, Err: apply.ErrStopped})
		}
		draw()
		same(t, "screen", s.shown(), strings.Join([]string{
			"Stopping: no more steps are started; waiting for running steps. Press Ctrl-C again to exit at once.",
			"[                                        ] 0/2",
			"  create     sandbox.web  0s",
			"  create     sandbox.db   0s",
		}, "\n"))
		p.Close()
	})
}

// Blocked steps count as skipped; steps that do nothing do not count.
func TestLiveCounts(t *testing.T) {
	c := newProgressState(3, time.Time{})
	kept := with(step("kept", plan.Delete), blocked(plan.Protected, "it is protected", ""))
	c.addEvent(ended(kept, apply.Skipped, nil), time.Time{})
	c.addEvent(ended(step("a", plan.NoOp), apply.Done, nil), time.Time{})
	same(t, "count", c.fraction(), "1/3")
}
