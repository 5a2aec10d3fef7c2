package progress

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fleet/internal/render/term"
)

func TestWaitsAreShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var b strings.Builder
		p := New(&b, Options{Total: 3})
		p.RateLimited(41500 * time.Millisecond)
		p.Close()
		p.RateLimited(time.Minute) // comes too late, and does not block
		same(t, "lines", b.String(), "Waiting 42s for the rate limit of the server.\n")
	})
}

func TestLiveShowsWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newScreen(t, 80, 24)
		p := onScreen(s, 3, term.Style{})
		for _, e := range aRun()[:3] {
			p.Event(e)
		}
		p.RateLimited(30 * time.Second)
		time.Sleep(10 * time.Second)
		draw()
		same(t, "it waits", s.shown(), strings.Join([]string{
			"+ sandbox.web created (1.5s)",
			"[=============                           ] 1/3",
			"  Waiting 20s for the rate limit of the server.",
			"  delete     sandbox.db  10s",
		}, "\n"))
		time.Sleep(21 * time.Second)
		draw()
		if strings.Contains(s.shown(), "Waiting") {
			t.Error(s.shown())
		}
		p.Close()
	})
}
