package page

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"fleet/internal/tooltest"
)

// chromium is the one browser of all tests of this package, which starts with the first
// test that needs it.
var chromium struct {
	once sync.Once
	ctx  context.Context
	err  error
	stop []func()
}

func TestMain(m *testing.M) {
	code := m.Run()
	for i := len(chromium.stop) - 1; i >= 0; i-- {
		chromium.stop[i]()
	}
	os.Exit(code)
}

// startChromium starts the browser with a directory of its own.
func startChromium() {
	path, err := exec.LookPath("chromium")
	if err != nil {
		chromium.err = err
		return
	}
	dir, err := os.MkdirTemp("", "fleet-chromium-")
	if err != nil {
		chromium.err = err
		return
	}
	options := []chromedp.ExecAllocatorOption{chromedp.ExecPath(path), chromedp.UserDataDir(dir), chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun}
	for _, flag := range []string{"disable-quic", "disable-background-networking", "disable-component-update", "disable-sync", "disable-dev-shm-usage", "disable-extensions", "mute-audio", "hide-scrollbars"} {
		options = append(options, chromedp.Flag(flag, true))
	}
	options = append(options, chromedp.WSURLReadTimeout(time.Minute))
	allocator, stopAllocator := chromedp.NewExecAllocator(context.Background(), options...)
	ctx, stop := chromedp.NewContext(allocator)
	chromium.stop = []func(){func() { _ = os.RemoveAll(dir) }, stopAllocator, stop}
	chromium.ctx, chromium.err = ctx, started(ctx)
}

// started runs no action, which starts the browser or opens the tab of a context. A context
// with a deadline would end the browser or the tab later.
func started(ctx context.Context) error {
	ended := make(chan error, 1)
	go func() { ended <- chromedp.Do(ctx) }()
	select {
	case err := <-ended:
		return err
	case <-time.After(time.Minute):
		return errors.New("it does not answer")
	}
}

// A tab is a page of the browser, with storage of its own. What the browser reports as an
// error in it fails the test: exceptions, messages, violations of the policy.
type tab struct {
	ctx context.Context
	t   *testing.T

	mu      sync.Mutex
	allowed *regexp.Regexp // errors that the test expects; nil for none
	errors  []string
}

// newTab opens an empty page. The test is skipped if there is no Chromium, and fails if
// FLEET_NEEDS lists chromium.
func newTab(t *testing.T) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("it needs a browser")
	}
	chromium.once.Do(startChromium)
	if err := chromium.err; err != nil {
		tooltest.Missing(t, "chromium", "it does not start (apt-get install chromium): "+err.Error())
	}
	p := &tab{t: t}
	ctx, stop := chromedp.NewContext(chromium.ctx, chromedp.WithNewBrowserContext(), chromedp.WithListener(p.listen))
	if err := started(ctx); err != nil {
		t.Fatal(err)
	}
	limited, cancel := context.WithTimeout(ctx, 2*time.Minute)
	p.ctx = limited
	t.Cleanup(func() {
		if t.Failed() {
			p.saveFailure()
		}
		cancel()
		stop()
		p.reportErrors()
	})
	return p
}

// listen collects errors of the page.
func (p *tab) listen(event any) {
	text := ""
	switch e := event.(type) {
	case *runtime.EventExceptionThrown:
		text = "exception: " + e.ExceptionDetails.Text
		if x := e.ExceptionDetails.Exception; x != nil {
			text += " " + x.Description
		}
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning || e.Type == runtime.ConsoleAPICalledTypeAssert {
			text = fmt.Sprint("console: ", e.Type)
			for _, a := range e.Args {
				text += " " + string(a.Value) + a.Description
			}
		}
	case *log.EventEntryAdded:
		if e.Entry.Level == log.EntryLevelError || e.Entry.Level == log.EntryLevelWarning {
			text = fmt.Sprintf("%s: %s %s", e.Entry.Source, e.Entry.Text, e.Entry.URL)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if text == "" || p.allowed != nil && p.allowed.MatchString(text) {
		return
	}
	p.errors = append(p.errors, text)
}

// allow names errors that the test expects from now on.
func (p *tab) allow(pattern string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.allowed = regexp.MustCompile(pattern)
}

// takeErrors returns the errors until now, and forgets them.
func (p *tab) takeErrors() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := p.errors
	p.errors = nil
	return list
}

func (p *tab) reportErrors() {
	for _, text := range p.takeErrors() {
		p.t.Errorf("the browser reports: %s", text)
	}
}

// saveFailure writes what a failed test showed to the directory FLEET_PICTURES.
func (p *tab) saveFailure() {
	if dir := os.Getenv("FLEET_PICTURES"); dir != "" {
		if png, err := chromedp.Run(p.ctx, chromedp.CaptureScreenshot()); err == nil {
			_ = os.WriteFile(dir+"/"+strings.ReplaceAll(p.t.Name(), "/", "-")+".png", png, 0o600)
		}
	}
}

// do runs actions.
func (p *tab) do(actions ...chromedp.Action[chromedp.Void]) {
	p.t.Helper()
	if err := chromedp.Do(p.ctx, actions...); err != nil {
		p.t.Fatal(err)
	}
}

// open opens a URL, and waits until the page shows a state.
func (p *tab) open(url string) {
	p.t.Helper()
	p.do(chromedp.Navigate(url))
	p.until(`document.body.dataset.seq !== undefined`)
}

// until waits until a JavaScript expression is true.
func (p *tab) until(expression string) {
	p.t.Helper()
	if _, err := chromedp.Run(p.ctx, chromedp.Poll[bool](expression, chromedp.WithPollingInterval(20*time.Millisecond))); err != nil {
		p.t.Fatalf("%s: %v; the page shows:\n%s", expression, err, p.text("body"))
	}
}

// shows waits until an element contains a text.
func (p *tab) shows(selector, text string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`Boolean(document.querySelector(%[1]q)?.textContent.includes(%[2]q))`, selector, text))
}

// text returns the text of an element.
func (p *tab) text(selector string) string {
	return eval[string](p, fmt.Sprintf(`document.querySelector(%q)?.innerText ?? ''`, selector))
}

// click clicks on the element, as a mouse does, when it no longer moves: the page is drawn
// at most ten times a second.
func (p *tab) click(selector string) {
	p.t.Helper()
	p.until(fmt.Sprintf(`document.querySelector(%q) !== null`, selector))
	eval[bool](p, fmt.Sprintf(`new Promise((done) => {
		let last = '', same = 0;
		document.querySelector(%[1]q)?.scrollIntoView({block: 'nearest'});
		const look = () => {
			const now = JSON.stringify(document.querySelector(%[1]q)?.getBoundingClientRect());
			same = now === last ? same + 1 : 0;
			last = now;
			if (same > 5) done(true);
			else setTimeout(look, 25);
		};
		look();
	})`, selector))
	p.do(chromedp.Click(chromedp.CSS(selector)))
}

// eval returns the value of a JavaScript expression.
func eval[T any](p *tab, expression string) T {
	p.t.Helper()
	value, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression, chromedp.EvalAwaitPromise))
	if err != nil {
		p.t.Fatalf("%s: %v", expression, err)
	}
	return value
}
