package metrics

import (
	"context"
	"net/http"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"fleet/internal/journal"
)

// A Collector exports a journal. It may be scraped by several goroutines at once. It
// must be made by [New].
type Collector struct {
	journal *journal.Journal
	counted []*gauge
	current []*gauge

	mu         sync.Mutex
	counters   counters
	pass       int    // number of the last pass that was counted
	seq        uint64 // number of the last event that was counted
	causes     vocabulary
	reasons    vocabulary
	classes    vocabulary
	actions    vocabulary
	alarmNames vocabulary
	raised     map[string]time.Time // start of each alarm that lasts
}

// New returns a collector of a journal.
func New(j *journal.Journal) *Collector {
	return &Collector{
		journal: j, counted: counted(), current: current(), counters: newCounters(), raised: map[string]time.Time{},
		causes: vocabulary{}, reasons: vocabulary{}, classes: vocabulary{}, actions: vocabulary{}, alarmNames: vocabulary{},
	}
}

// Handler returns a handler that serves the metrics of the collector and of the process.
func (c *Collector) Handler() http.Handler {
	r := prometheus.NewRegistry()
	r.MustRegister(c, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return promhttp.HandlerFor(r, promhttp.HandlerOpts{MaxRequestsInFlight: 4})
}

// Follow counts the events of the journal until ctx ends. Without it, events that are
// forgotten before the next scrape are not counted.
func (c *Collector) Follow(ctx context.Context) {
	for {
		changed := c.count()
		select {
		case <-ctx.Done():
			return
		case <-changed:
		}
	}
}

// Describe implements prometheus.Collector.
func (c *Collector) Describe(to chan<- *prometheus.Desc) {
	for _, list := range [][]*gauge{c.counted, c.current} {
		for _, g := range list {
			to <- g.desc
		}
	}
	for _, v := range c.counters.all() {
		v.Describe(to)
	}
}

// Collect implements prometheus.Collector.
func (c *Collector) Collect(to chan<- prometheus.Metric) {
	c.count()
	s := c.journal.State()
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, g := range c.counted {
		g.collect(c, &s, to, true)
	}
	for _, g := range c.current {
		g.collect(c, &s, to, false)
	}
	for _, v := range c.counters.all() {
		v.Collect(to)
	}
}
