package page

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"fleet/internal/nodetest"
)

// An axeResult is a rule of axe-core that found something, with the elements.
type axeResult struct {
	ID, Help string
	Nodes    []struct {
		HTML           string
		FailureSummary string
		Any            []struct{ Message string }
	}
}

// TestAccessible checks the page with axe-core in each state that it can be in. What
// axe-core cannot decide counts as a finding.
func TestAccessible(t *testing.T) {
	script, err := os.ReadFile(filepath.Join(nodetest.Modules(t, filepath.Join("testdata", "axe")), "axe-core", "axe.min.js"))
	if err != nil {
		t.Fatal(err)
	}
	waits, runs, empty := demo(120, 6), demo(120, 6), newJournal(nil)
	demoRuns(runs)
	p := newTab(t)
	for _, view := range []struct {
		name   string
		fleet  *fake
		query  string
		theme  string
		width  int64
		colors bool   // check only the contrast of colours: the elements are those of another view
		layout bool   // check all except the contrast: the colours are those of another view
		before string // selector of an element that is clicked first
	}{
		{name: "waits for approval", fleet: newFake(t, "", waits), theme: "light", width: 1280},
		{name: "dark", fleet: newFake(t, "", waits), theme: "dark", width: 1280, colors: true},
		{name: "dialog", fleet: newFake(t, "", waits), theme: "light", width: 1280, layout: true, before: "#approve"},
		{name: "runs", fleet: newFake(t, "", runs), theme: "dark", width: 1280, query: "?object=sandbox.worker%5B17%5D&show=drift"},
		{name: "phone", fleet: newFake(t, "", runs), theme: "light", width: 390, layout: true, query: "?object=sandbox.worker%5B61%5D"},
		{name: "empty", fleet: newFake(t, "", empty), theme: "light", width: 390},
	} {
		p.theme(view.theme)
		p.do(chromedp.EmulateViewport(view.width, 900))
		p.open(view.fleet.server.URL + "/" + view.query)
		p.shows("#link", "live")
		if view.before != "" {
			p.click(view.before)
		}
		eval[bool](p, string(script)+"; true")
		if !view.colors {
			p.axe(view.name, `{rules: {'color-contrast': {enabled: false}}}`)
		}
		if view.layout {
			continue
		}
		// Lists that scroll hide the background of their last rows from axe-core.
		eval[bool](p, `document.querySelectorAll('.scroll, .narrow .scroll').forEach((e) => { e.style.maxHeight = 'none'; e.style.overflow = 'visible'; e.style.whiteSpace = e.matches('pre') ? 'pre-wrap' : ''; }); true`)
		p.axe(view.name, `{runOnly: ['color-contrast']}`)
	}
}

// axe reports what axe-core finds with some options.
func (p *tab) axe(view, options string) {
	p.t.Helper()
	found := eval[struct{ Violations, Incomplete []axeResult }](p, `axe.run(`+options+`)`)
	for _, r := range append(found.Violations, found.Incomplete...) {
		n := r.Nodes[0]
		p.t.Errorf("%s: %s (%s), %d times, such as %s: %s %v", view, r.ID, r.Help, len(r.Nodes), n.HTML, strings.ReplaceAll(n.FailureSummary, "\n", " "), n.Any)
	}
}
