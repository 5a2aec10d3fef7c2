package client

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// learnt is what a client came to know of its server beside what was asked.
type learnt struct {
	mu     sync.Mutex
	limits *RateLimits // of the server's configuration; nil when it does not tell
	totals Totals
	clock  time.Duration // how far the server's clock is ahead of ours; negative if it is behind
	told   bool          // clock is known
}

// Totals are limits of an organisation, as refused requests told of them. Zero
// is not known.
type Totals struct {
	CPU       int // vCPU in all
	Memory    int // GiB
	Disk      int // GiB
	Snapshots int
	Volumes   int
}

// Totals are the limits that refusals have told of since New.
func (c *Client) Totals() Totals {
	c.learnt.mu.Lock()
	defer c.learnt.mu.Unlock()
	return c.learnt.totals
}

// totalForms find a limit in the text of a refusal.
var totalForms = []struct {
	form *regexp.Regexp
	of   func(*Totals) *int
}{
	{regexp.MustCompile(`(?i)^total cpu limit exceeded\. maximum allowed: (\d+)`), func(t *Totals) *int { return &t.CPU }},
	{regexp.MustCompile(`(?i)^total memory limit exceeded\. maximum allowed: (\d+)`), func(t *Totals) *int { return &t.Memory }},
	{regexp.MustCompile(`(?i)^total disk limit exceeded\. maximum allowed: (\d+)`), func(t *Totals) *int { return &t.Disk }},
	{regexp.MustCompile(`(?i)^snapshot quota exceeded\. maximum allowed: (\d+)`), func(t *Totals) *int { return &t.Snapshots }},
	{regexp.MustCompile(`(?i)^volume quota exceeded\. maximum allowed: (\d+)`), func(t *Totals) *int { return &t.Volumes }},
}

// refused takes in a refusal.
func (l *learnt) refused(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != Quota {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range totalForms {
		if m := t.form.FindStringSubmatch(e.Message); m != nil {
			*t.of(&l.totals), _ = strconv.Atoi(m[1])
		}
	}
}

// A Rate is how many requests of a class are sent in a time at most.
type Rate struct {
	Limit int // requests; the part that the client leaves to others is taken off
	Full  int // that the server allows
	Per   time.Duration

	// Default means that only the server's configuration told: the limit of the
	// organisation may be another one.
	Default bool
}

// Rate is the limit of a class, from the headers of answers or else from the
// server's configuration, if that was asked for. ok is false when none is known.
func (c *Client) Rate(class RateClass) (r Rate, ok bool) {
	limit, length := c.paced.limit(class)
	general := limit == 0
	if general {
		c.learnt.mu.Lock()
		limits := c.learnt.limits
		c.learnt.mu.Unlock()
		told := limits.of(class)
		limit, length = int(told.Limit), time.Duration(told.TTL*float64(time.Second))
	}
	if limit <= 0 || length <= 0 {
		return Rate{}, false
	}
	return Rate{Limit: max(limit-limit*(100-c.config.RateShare)/100, 1), Full: limit, Per: length, Default: general}, true
}

// limit is what is known of a class; 0 when nothing is.
func (p *paced) limit(class RateClass) (int, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.windows[class]
	if w == nil || !w.known {
		return 0, 0
	}
	return w.limit, w.length
}

// Skew returns how far the server's clock is ahead of ours, to about a second, by
// the latest answer; it is negative if the server's clock is behind. known is
// false until an answer has had a date.
func (c *Client) Skew() (ahead time.Duration, known bool) {
	c.learnt.mu.Lock()
	defer c.learnt.mu.Unlock()
	return c.learnt.clock, c.learnt.told
}

// Now is the time by the server's clock, as far as it is known: that by which
// it tells when something happened.
func (c *Client) Now() time.Time {
	ahead, _ := c.Skew()
	return time.Now().Add(ahead)
}

// timed reads the server's clock off its answers.
type timed struct {
	next   http.RoundTripper
	learnt *learnt
}

func (t timed) RoundTrip(req *http.Request) (*http.Response, error) {
	if !operationIn(req.Context()).paced() {
		return t.next.RoundTrip(req)
	}
	sent := time.Now()
	res, err := t.next.RoundTrip(req)
	if err != nil {
		return res, err
	}
	if date, err := http.ParseTime(res.Header.Get("Date")); err == nil {
		// It tells whole seconds, of some moment on the way.
		there := date.Add(500 * time.Millisecond)
		here := sent.Add(time.Since(sent) / 2)
		t.learnt.mu.Lock()
		t.learnt.clock, t.learnt.told = there.Sub(here), true
		t.learnt.mu.Unlock()
	}
	return res, nil
}
