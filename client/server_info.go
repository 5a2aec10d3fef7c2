package client

import (
	"errors"
	"net/http"
	"regexp"
	"strconv"
	"sync"
	"time"
)

// serverInfo is what a client came to know of its server beside what was asked.
type serverInfo struct {
	mu            sync.Mutex
	rateLimits    *RateLimits // of the server's configuration; nil when it does not tell
	inferredQuota InferredQuota
	clockSkew     time.Duration // how far the server's clock is ahead of ours; negative if it is behind
	skewKnown     bool          // clock is known
}

// InferredQuota are limits of an organisation, as refused requests told of them. Zero
// is not known.
type InferredQuota struct {
	CPU       int // vCPU in all
	Memory    int // GiB
	Disk      int // GiB
	Snapshots int
	Volumes   int
}

// InferredQuota are the limits that refusals have told of since New.
func (c *Client) InferredQuota() InferredQuota {
	c.serverInfo.mu.Lock()
	defer c.serverInfo.mu.Unlock()
	return c.serverInfo.inferredQuota
}

// quotaPatterns find a limit in the text of a refusal.
var quotaPatterns = []struct {
	form *regexp.Regexp
	of   func(*InferredQuota) *int
}{
	{regexp.MustCompile(`(?i)^total cpu limit exceeded\. maximum allowed: (\d+)`), func(t *InferredQuota) *int { return &t.CPU }},
	{regexp.MustCompile(`(?i)^total memory limit exceeded\. maximum allowed: (\d+)`), func(t *InferredQuota) *int { return &t.Memory }},
	{regexp.MustCompile(`(?i)^total disk limit exceeded\. maximum allowed: (\d+)`), func(t *InferredQuota) *int { return &t.Disk }},
	{regexp.MustCompile(`(?i)^snapshot quota exceeded\. maximum allowed: (\d+)`), func(t *InferredQuota) *int { return &t.Snapshots }},
	{regexp.MustCompile(`(?i)^volume quota exceeded\. maximum allowed: (\d+)`), func(t *InferredQuota) *int { return &t.Volumes }},
}

// recordQuotaError takes in a refusal.
func (l *serverInfo) recordQuotaError(err error) {
	e, ok := errors.AsType[*Error](err)
	if !ok || e.Class != QuotaExceeded {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, t := range quotaPatterns {
		if m := t.form.FindStringSubmatch(e.Message); m != nil {
			*t.of(&l.inferredQuota), _ = strconv.Atoi(m[1])
		}
	}
}

// A Rate is how many requests of a class are sent in a time at most.
type Rate struct {
	Limit       int // requests; the part that the client leaves to others is taken off
	ServerLimit int // that the server allows
	Window      time.Duration

	// IsDefault means that only the server's configuration told: the limit of the
	// organisation may be another one.
	IsDefault bool
}

// Rate is the limit of a class, from the headers of answers or else from the
// server's configuration, if that was asked for. ok is false when none is known.
func (c *Client) Rate(class RateClass) (r Rate, ok bool) {
	limit, length := c.pacer.observedLimit(class)
	isDefault := limit == 0
	if isDefault {
		c.serverInfo.mu.Lock()
		limits := c.serverInfo.rateLimits
		c.serverInfo.mu.Unlock()
		configured := limits.forClass(class)
		limit, length = int(configured.Limit), time.Duration(configured.TTL*float64(time.Second))
	}
	if limit <= 0 || length <= 0 {
		return Rate{}, false
	}
	return Rate{Limit: max(limit-limit*(100-c.config.RateShare)/100, 1), ServerLimit: limit, Window: length, IsDefault: isDefault}, true
}

// observedLimit is what is known of a class; 0 when nothing is.
func (p *pacer) observedLimit(class RateClass) (int, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.windows[class]
	if w == nil || !w.known {
		return 0, 0
	}
	return w.limit, w.length
}

// ClockSkew returns how far the server's clock is ahead of ours, to about a second, by
// the latest answer; it is negative if the server's clock is behind. known is
// false until an answer has had a date.
func (c *Client) ClockSkew() (ahead time.Duration, known bool) {
	c.serverInfo.mu.Lock()
	defer c.serverInfo.mu.Unlock()
	return c.serverInfo.clockSkew, c.serverInfo.skewKnown
}

// ServerNow is the time by the server's clock, as far as it is known: that by which
// it tells when something happened.
func (c *Client) ServerNow() time.Time {
	ahead, _ := c.ClockSkew()
	return time.Now().Add(ahead)
}

// clockTransport reads the server's clock off its answers.
type clockTransport struct {
	next       http.RoundTripper
	serverInfo *serverInfo
}

func (t clockTransport) RoundTrip(req *http.Request) (*http.Response, error) {
	if !routeFromContext(req.Context()).rateLimited() {
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
		t.serverInfo.mu.Lock()
		t.serverInfo.clockSkew, t.serverInfo.skewKnown = there.Sub(here), true
		t.serverInfo.mu.Unlock()
	}
	return res, nil
}
