package page

import (
	"strconv"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/performance"
	"github.com/chromedp/chromedp"

	"fleet/internal/journal"
)

// Bounds for a fleet of 5,000 sandboxes, in seconds. They are the only times that tests of
// this package compare: those of the thread of the page, by the browser's own clock of that
// thread, so that other work on the machine does not count.
const (
	maxFirstPaint = 1.0
	maxUpdate     = 0.1
)

// TestLarge checks that a page with 5,000 sandboxes is painted fast, and that an update
// holds up its thread only shortly.
func TestLarge(t *testing.T) {
	objects := workers(5000)
	j := newJournal(objects)
	f := newFake(t, "", j)
	p := newTab(t)
	if _, err := chromedp.Call(p.ctx, performance.Enable, performance.EnableParams{TimeDomain: "threadTicks"}); err != nil {
		t.Fatal(err)
	}
	before := p.threadTime()
	p.open(f.server.URL)
	p.shows("#groups", "4,9")
	if spent := p.threadTime() - before; spent > maxFirstPaint {
		t.Errorf("until the fleet was painted, the thread of the page worked %.3f s", spent)
	} else {
		t.Logf("until the fleet was painted, the thread of the page worked %.3f s", spent)
	}
	p.shows("#link", "live")
	p.settle()

	one := append([]journal.Object(nil), objects...)
	one[2500].Drift = "labels: differ"
	many := append([]journal.Object(nil), one...)
	for i := range many {
		if i%10 == 0 {
			many[i].State = "stopped"
		}
	}
	for name, next := range map[string][]journal.Object{"1 object": one, "500 objects": many} {
		before := p.threadTime()
		j.SetObjects(next)
		p.waitFor(j)
		spent := p.threadTime() - before
		t.Logf("an update of %s: %.3f s", name, spent)
		if spent > maxUpdate {
			t.Errorf("an update of %s took %.3f s of the thread of the page", name, spent)
		}
		p.settle()
	}
}

// waitFor waits until the page shows the last event, without work in the page meanwhile.
func (p *tab) waitFor(j *journal.Journal) {
	p.t.Helper()
	seq := j.State().Seq
	p.until(`Number(document.body.dataset.seq) >= ` + strconv.FormatUint(seq, 10))
}

// settle waits until the page has painted.
func (p *tab) settle() {
	p.t.Helper()
	eval[bool](p, `new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => done(true)))))`)
}

// threadTime returns the time that the thread of the page has worked, in seconds.
func (p *tab) threadTime() float64 {
	p.t.Helper()
	result, err := chromedp.Call(p.ctx, performance.GetMetrics, cdp.Empty{})
	if err != nil {
		p.t.Fatal(err)
	}
	for _, m := range result.Metrics {
		if m.Name == "TaskDuration" {
			return m.Value
		}
	}
	p.t.Fatal("the browser does not measure its tasks")
	return 0
}
