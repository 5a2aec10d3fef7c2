package page

import (
	"context"
	"errors"
	"testing"

	"github.com/chromedp/chromedp"

	"fleet/internal/journal"
	"fleet/internal/watch/serve"
)

// controls act on a journal as a watch would.
type controls struct {
	*journal.Journal
	refuse error
}

func (c controls) Reconcile(by string) { c.Skip("request of the "+by, "this watch only has controls") }

func (c controls) Approve(digest, by string) error {
	c.Approved(digest, by)
	return c.refuse
}

func (c controls) Pause(address, by string) error {
	c.SetPaused(address, true, by)
	return c.refuse
}

func (c controls) Resume(address, by string) error {
	c.SetPaused(address, false, by)
	return c.refuse
}

// serveReal serves a journal with the server of a watch, and returns its URL.
func serveReal(t *testing.T, o serve.Options) string {
	t.Helper()
	o.Page, o.Listen = Handler(), "127.0.0.1:0"
	s, err := serve.Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- s.Run(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	return "http://" + s.Addr().String()
}

// TestServed checks the page with the server of a watch: its policy, its stream and its
// checks of the origin.
func TestServed(t *testing.T) {
	j := newJournal(workers(50))
	plan := examplePlan()
	plan.NeedsApproval = "it deletes 1 sandbox"
	j.Begin("file change: fleet.yaml", "")
	j.Planned(plan, func(*journal.Pass) {})
	j.End(func(p *journal.Pass) { p.Outcome = journal.Waiting })
	p := newTab(t)
	p.open(serveReal(t, serve.Options{Journal: j, Controls: controls{Journal: j}}))
	p.shows("#link", "live")
	p.click("#approve")
	p.click("#confirm-yes")
	p.shows("#plan-state", "Approved")
	p.shows("#events-list", "approved by page")
	p.click("#pause-all")
	p.shows("#pause-all", "Resume all")
	p.click("#reconcile")
	p.shows("#passes-list", "this watch only has controls")
	j.SetHead(func(h *journal.Head) { h.Pushes = "disconnected" })
	p.shows("#facts", "disconnected")
}

// TestServedWithToken checks that a browser without the token gets the form, and that one
// with it gets the page, its files and its stream.
func TestServedWithToken(t *testing.T) {
	const token = "0123456789abcdef0123456789abcdef"
	j := newJournal(workers(5))
	p := newTab(t)
	p.allow("favicon.ico") // the form has no icon
	p.do(chromedp.Navigate(serveReal(t, serve.Options{Journal: j, Controls: controls{Journal: j}, Token: token})))
	p.do(chromedp.SendKeys(chromedp.CSS("#token"), token))
	p.click("button")
	p.do(chromedp.WaitVisible(chromedp.CSS("#fleet"))) // on the next page
	p.shows("#link", "live")
	j.Raise("seen", "an alarm that the browser sees")
	p.shows("#alarms", "an alarm that the browser sees")
	p.click("#reconcile")
	p.shows("#passes-list", "this watch only has controls")
}
