package transport

import (
	"net/http"
	"sync"
	"time"

	"fleet/client/internal/api"
)

// A Clock holds how far the clock of a server is ahead of that of this machine. The
// zero Clock knows nothing yet. It may be used by several goroutines at once.
type Clock struct {
	mu    sync.Mutex
	skew  time.Duration // negative if the server's clock is behind
	known bool
}

// Skew returns how far the server's clock is ahead, by the latest response; it is
// negative if the server's clock is behind. known is false until a response had a date.
func (c *Clock) Skew() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.skew, c.known
}

func (c *Clock) set(skew time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.skew, c.known = skew, true
}

// Dating reads the server's clock from the dates of API responses.
type Dating struct {
	Next  http.RoundTripper // the next link
	Clock *Clock            // is set by each response with a date
}

// RoundTrip implements http.RoundTripper.
func (t Dating) RoundTrip(req *http.Request) (*http.Response, error) {
	if !api.RouteFromContext(req.Context()).Class.IsAPI() {
		return t.Next.RoundTrip(req)
	}
	sent := time.Now()
	res, err := t.Next.RoundTrip(req)
	if err != nil {
		return res, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		// A date has whole seconds, cut off: on average it is half a second late. The
		// server wrote it at some moment of the round trip; the middle is the best guess.
		there := date.Add(500 * time.Millisecond)
		here := sent.Add(time.Since(sent) / 2)
		t.Clock.set(there.Sub(here))
	}
	return res, nil
}
