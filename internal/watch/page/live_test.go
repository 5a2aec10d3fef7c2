package page

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"fleet/internal/journal"
)

// TestLive checks that the page shows the state, and then every event without loading it
// again.
func TestLive(t *testing.T) {
	j := newJournal(workers(50))
	f := newFake(t, "", j)
	p := newTab(t)
	p.open(f.server.URL)
	p.shows("#fleet", "research")
	p.shows("#link", "live")
	p.shows("#facts", "enforce")
	p.shows("#rows-title", "Objects that differ (1)")

	changed := workers(50)
	changed[7].Drift = "env: differs"
	changed[8].State, changed[8].Failed = "error", true
	j.Begin("push event", "4f2a9c1")
	j.SetObjects(append(changed, journal.Object{Address: "volume.cache", Group: "volume.cache", Desired: "ready", State: "ready"}))
	p.shows("#rows-title", "Objects that differ (3)")
	p.shows("#rows", "sandbox.worker[8]")
	p.shows("#groups", "volume")
	p.shows("#facts", "51")
	j.Raise("api-unreachable", "the API cannot be reached")
	p.shows("#alarms", "the API cannot be reached")
	j.Clear("api-unreachable")
	p.until(`document.getElementById('alarms').hidden`)

	plan := examplePlan()
	j.Planned(plan, func(p *journal.Pass) { p.Drift = len(plan.Steps) })
	p.shows("#plan-state", "2 to create, 1 to delete")
	p.shows("#plan-text", "+ sandbox.worker[50]")
	j.Step(journal.Step{Address: "sandbox.worker[50]", Action: "create", Wave: 1, Phase: "working"})
	p.shows("#plan-progress", "Wave 1")
	p.shows("#plan-progress", "Running (1)")
	j.Step(journal.Step{Address: "sandbox.worker[50]", Action: "create", Wave: 1, Phase: "failed", Text: "no runners"})
	p.shows("#plan-progress", "no runners")
	j.End(func(p *journal.Pass) { p.Outcome, p.Failed, p.Reason = journal.Failed, 1, "1 step failed" })
	p.shows("#passes-list", "1 step failed")
	p.shows("#events-list", "pass 2 ended: failed")
	p.shows("#chart", "")
	j.SetHead(func(h *journal.Head) { h.Pushes = "disconnected" })
	p.shows("#facts", "disconnected")
	f.waitStreams(t, 1)
}

func examplePlan() *journal.Plan {
	return &journal.Plan{
		Digest: "3f9a12c4e5d60718293a4b5c6d7e8f90", Time: time.Now(),
		Text: "  + sandbox.worker[50]  create\n  + sandbox.worker[51]  create\n  - sandbox.worker[3]   delete\n\nPlan: 2 to create, 0 to update, 0 to replace, 1 to delete.\n",
		Steps: []journal.Step{
			{Address: "sandbox.worker[50]", Action: "create", Wave: 1}, {Address: "sandbox.worker[51]", Action: "create", Wave: 2}, {Address: "sandbox.worker[3]", Action: "delete"},
		},
	}
}

// TestApprove checks that an approval names the plan that was shown, with the origin that
// browsers send, and that a plan that changes meanwhile is not approved.
func TestApprove(t *testing.T) {
	j := newJournal(workers(10))
	plan := examplePlan()
	plan.NeedsApproval = "it deletes 1 sandbox"
	j.Begin("file change: fleet.yaml", "")
	j.Planned(plan, func(*journal.Pass) {})
	j.End(func(p *journal.Pass) { p.Outcome = journal.Waiting })
	f := newFake(t, "", j)
	p := newTab(t)
	p.open(f.server.URL)
	p.shows("#approve", "Approve plan 3f9a12c4e5d6")
	p.shows("#plan-why", "it deletes 1 sandbox")
	p.click("#approve")
	p.shows("#confirm", plan.Digest)
	p.shows("#confirm", "sandbox.worker[3]")

	other := examplePlan()
	other.Digest, other.NeedsApproval = "77aa"+plan.Digest, "it deletes 1 sandbox"
	j.Planned(other, func(*journal.Pass) {})
	p.until(`!document.getElementById('confirm').open`)
	p.shows("#problem", "Nothing was approved")

	p.shows("#approve", "Approve plan 77aa")
	p.click("#approve")
	p.click("#confirm-yes")
	got := f.next(t)
	if want := (call{"/api/approve", `{"digest":"` + other.Digest + `"}`, f.server.URL, "application/json"}); got != want {
		t.Errorf("the page sent %+v, not %+v", got, want)
	}
	p.shows("#plan-state", "Approved")
	p.until(`!document.getElementById('approve')`)
	if len(f.calls) > 0 {
		t.Errorf("the page sent more: %v", f.next(t))
	}
}

// TestControls checks what else the page asks of the watch, and that it shows refusals.
func TestControls(t *testing.T) {
	f := newFake(t, "", newJournal(workers(10)))
	p := newTab(t)
	p.open(f.server.URL + "/?object=sandbox.worker%5B3%5D")
	for _, step := range []struct{ click, path, body, shown, text string }{
		{"#reconcile", "/api/reconcile", `{}`, "#announce", "A pass was requested."},
		{"#pause-all", "/api/pause", `{"address":""}`, "#pause-all", "Resume all"},
		{"#pause-all", "/api/resume", `{"address":""}`, "#pause-all", "Pause all"},
		{"#detail-body button", "/api/pause", `{"address":"sandbox.worker[3]"}`, "#detail-body", "Resume this object"},
		{"#detail-body button", "/api/resume", `{"address":"sandbox.worker[3]"}`, "#detail-body", "Pause this object"},
	} {
		p.click(step.click)
		if got, want := f.next(t), (call{step.path, step.body, f.server.URL, "application/json"}); got != want {
			t.Errorf("%s: the page sent %+v, not %+v", step.click, got, want)
		}
		p.shows(step.shown, step.text)
	}
	f.mu.Lock()
	f.refuse = "the watch is stopping"
	f.mu.Unlock()
	p.allow("status of 409")
	p.click("#reconcile")
	p.shows("#problem", "Not done: the watch is stopping")
}

// TestFilter checks the filters, the selection, and that both are kept in the URL.
func TestFilter(t *testing.T) {
	f := newFake(t, "", newJournal(workers(310)))
	p := newTab(t)
	p.open(f.server.URL)
	p.shows("#rows-title", "Objects that differ (5)")
	p.do(chromedp.SendKeys(chromedp.CSS("#q"), "WORKER[20"))
	p.shows("#rows-title", "Objects that match (11)") // 20 and 200 to 209
	p.choose("#show", "missing")
	p.shows("#rows-title", "Objects that match (1)")
	p.shows("#rows", "sandbox.worker[200]")
	p.click("#rows tbody button")
	p.shows("#detail-title", "sandbox.worker[200]")
	if got, want := p.query().Encode(), "object=sandbox.worker%5B200%5D&q=WORKER%5B20&show=missing"; got != want {
		t.Errorf("the address has %s, not %s", got, want)
	}
	p.do(chromedp.Reload())
	p.shows("#rows-title", "Objects that match (1)")
	p.shows("#detail-title", "sandbox.worker[200]")
	p.click("#filter button")
	p.shows("#rows-title", "Objects that differ (5)")
	p.choose("#state", "error")
	p.shows("#rows-title", "Objects that match (1)")
	p.click("#detail-close")
	p.until(`document.getElementById('detail').hidden`)
	p.do(chromedp.NavigateBack())
	p.shows("#detail-title", "sandbox.worker[200]")
}

// query returns the parameters in the address of the page.
func (p *tab) query() url.Values {
	u, err := url.Parse(eval[string](p, "location.href"))
	if err != nil {
		p.t.Fatal(err)
	}
	return u.Query()
}

// choose chooses an option, as a user would.
func (p *tab) choose(selector, value string) {
	p.t.Helper()
	eval[bool](p, `(() => { const e = document.querySelector(`+quoted(selector)+`); e.value = `+quoted(value)+`; e.dispatchEvent(new Event('change', {bubbles: true})); return true })()`)
}

func quoted(text string) string {
	b, _ := json.Marshal(text)
	return string(b)
}

// TestRestart checks that the page finds a watch again that was restarted, and whose
// events have smaller numbers.
func TestRestart(t *testing.T) {
	j := newJournal(workers(20))
	for range 50 {
		j.Raise("busy", "many events")
		j.Clear("busy")
	}
	f := newFake(t, "", j)
	p := newTab(t)
	p.allow("ERR_CONNECTION|ERR_INCOMPLETE|ERR_EMPTY|Failed to load resource")
	p.open(f.server.URL)
	p.shows("#link", "live")
	f.stop()
	p.shows("#link", "not connected")

	next := newJournal(workers(33))
	again := newFake(t, f.address(), next)
	p.shows("#link", "live")
	p.shows("#facts", "33")
	next.Raise("second-run", "an alarm of the second run")
	p.shows("#alarms", "an alarm of the second run")
	again.waitStreams(t, 1)
}

// TestOneStream checks that the pages of a browser share one stream, and that it is closed
// with the last one.
func TestOneStream(t *testing.T) {
	j := newJournal(workers(5))
	f := newFake(t, "", j)
	first := newTab(t)
	first.open(f.server.URL)
	first.shows("#link", "live")
	second, stop := chromedp.NewContext(first.ctx)
	defer stop()
	p := &tab{ctx: second, t: t}
	p.open(f.server.URL)
	p.shows("#link", "live")
	j.Raise("both", "both pages see this")
	p.shows("#alarms", "both pages see this")
	f.waitStreams(t, 1)

	p.setHidden(true)
	p.shows("#link", "hidden")
	f.waitStreams(t, 1)
	first.setHidden(true)
	f.waitStreams(t, 0)
	j.Raise("unseen", "raised while all pages are hidden")
	p.setHidden(false)
	p.shows("#alarms", "raised while all pages are hidden")
	f.waitStreams(t, 1)
}

// setHidden makes the page believe that it is hidden or visible.
func (p *tab) setHidden(hidden bool) {
	p.t.Helper()
	eval[bool](p, fmt.Sprintf(`Object.defineProperty(document, 'hidden', {value: %t, configurable: true}); document.dispatchEvent(new Event('visibilitychange'))`, hidden))
}

// TestKeyboard checks that the map is reached and used by keys alone, and describes the
// cell under its cursor.
func TestKeyboard(t *testing.T) {
	f := newFake(t, "", newJournal(workers(300)))
	p := newTab(t)
	p.open(f.server.URL)
	p.do(chromedp.Focus(chromedp.CSS(".map")))
	for _, key := range []struct{ name, shown string }{
		{kb.ArrowRight, "sandbox.worker[1], started, in sync"},
		{kb.End, "sandbox.worker["},
		{kb.Home, "sandbox.worker[0], started"},
		{kb.ArrowLeft, "sandbox.worker[0], started"},
		{kb.PageDown, "sandbox.worker[299], started"},
		{kb.ArrowUp, "sandbox.worker["},
	} {
		p.do(chromedp.KeyEvent(key.name))
		p.shows(`.map [role="gridcell"]`, key.shown)
	}
	described := eval[string](p, `document.getElementById(document.activeElement.getAttribute('aria-activedescendant')).textContent`)
	p.do(chromedp.KeyEvent(kb.Enter))
	address, _, _ := strings.Cut(described, ",")
	p.shows("#detail-title", address)
	p.shows("#announce", "The details of "+address)
	if got := p.query().Get("object"); got != address {
		t.Errorf("the address has the object %s, not %s", got, address)
	}
}

// TestHostileTexts checks that texts of the state are never parsed as HTML.
func TestHostileTexts(t *testing.T) {
	f := newFake(t, "", newJournal(hostileObjects()))
	p := newTab(t)
	p.open(f.server.URL + "/?q=%3Cimg%20src=x%20onerror=hit()%3E&object=%3Cb%3E")
	p.shows("#rows", hostile)
	if n := eval[int](p, `document.querySelectorAll('img, b, main script').length`); n != 0 {
		t.Errorf("%d elements come from texts", n)
	}
}

const hostile = `</script><!--<script><img src=x onerror=hit()><b>&lt;`

func hostileObjects() []journal.Object {
	return []journal.Object{{Address: hostile + "[0]", Group: hostile, Desired: hostile, State: hostile, Drift: "<img src=x onerror=hit()>" + hostile, Failed: true}}
}

// TestViolationsAreSeen checks that the tests notice what the policy forbids.
func TestViolationsAreSeen(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Security-Policy", policy)
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<title>x</title><link rel="icon" href="data:,"><p style="color: red">inline</p><script>1</script>`))
	}))
	defer server.Close()
	p := newTab(t)
	p.do(chromedp.Navigate(server.URL))
	seen := p.takeErrors()
	for _, want := range []string{"script", "style"} {
		if !slices.ContainsFunc(seen, func(text string) bool {
			return strings.Contains(text, "Content Security Policy") && strings.Contains(text, want)
		}) {
			t.Errorf("no violation by an inline %s: %q", want, seen)
		}
	}
}

// TestClickWhileUpdating checks that an update between pressing and releasing a button of
// the mouse does not take the element away.
func TestClickWhileUpdating(t *testing.T) {
	j := newJournal(workers(50))
	plan := examplePlan()
	plan.NeedsApproval = "it deletes 1 sandbox"
	j.Begin("file change: fleet.yaml", "")
	j.Planned(plan, func(*journal.Pass) {})
	f := newFake(t, "", j)
	p := newTab(t)
	p.open(f.server.URL + "/?object=sandbox.worker%5B3%5D")
	p.shows("#link", "live")
	for i, selector := range []string{"#approve", "#detail-body button", "#rows tbody button", "#groups button"} {
		eval[bool](p, `(window.kept = document.querySelector(`+quoted(selector)+`)) !== null`)
		changed := workers(50)
		changed[7].Drift, changed[41].State = fmt.Sprint("update ", i), "stopped"
		j.SetObjects(changed)
		j.Raise("update", fmt.Sprint("update ", i))
		j.End(func(p *journal.Pass) { p.Outcome = journal.Waiting })
		p.shows("#alarms", fmt.Sprint("update ", i))
		p.until(`Number(document.body.dataset.seq) >= ` + fmt.Sprint(j.State().Seq))
		if !eval[bool](p, `window.kept.isConnected`) {
			t.Errorf("an update replaced %s", selector)
		}
	}
}
