package metrics

import (
	"slices"

	"github.com/prometheus/client_golang/prometheus"

	"fleet/internal/journal"
)

// counters are the metrics that only grow.
type counters struct {
	passes, skipped, steps, requests, alarms *prometheus.CounterVec

	limited  prometheus.Counter
	duration prometheus.Histogram
}

func newCounters() counters {
	vec := func(name, help string, labels ...string) *prometheus.CounterVec {
		return prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "fleet_watch", Name: name, Help: help}, labels)
	}
	c := counters{
		passes:   vec("passes_total", "Passes that ended or were skipped, by the start of their cause.", "outcome", "cause"),
		skipped:  vec("passes_skipped_total", "Passes that were skipped, by the start of the reason.", "reason"),
		steps:    vec("steps_total", "Steps that ended, by the way they ended.", "kind", "action", "result"),
		requests: vec("requests_total", "Requests of passes, by the class of their rate limit.", "class"),
		alarms:   vec("alarms_raised_total", "Alarms that were raised.", "alarm"),
		limited: prometheus.NewCounter(prometheus.CounterOpts{
			Namespace: "fleet_watch", Name: "requests_rate_limited_total", Help: "Requests of passes that the server answered with 429.",
		}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Namespace: "fleet_watch", Name: "pass_duration_seconds", Help: "Time from the start to the end of a pass.",
			Buckets: []float64{0.1, 0.3, 1, 3, 10, 30, 60, 120, 300, 600, 1800, 3600},
		}),
	}
	for _, o := range []journal.Outcome{journal.InSync, journal.Changed, journal.Observed, journal.Waiting, journal.Failed} {
		c.passes.WithLabelValues(string(o), "start") // so that rates are right from the first pass
	}
	return c
}

func (c counters) all() []prometheus.Collector {
	return []prometheus.Collector{c.passes, c.skipped, c.steps, c.requests, c.alarms, c.limited, c.duration}
}

// count counts all passes and events since the last call. It returns a channel that is
// closed at the next event.
func (c *Collector) count() <-chan struct{} {
	c.mu.Lock()
	defer c.mu.Unlock()
	events, complete, changed := c.journal.Since(c.seq)
	if n := len(events); n > 0 {
		c.seq = events[n-1].Seq
	} else if !complete {
		_, c.seq = c.journal.Head()
	}
	for _, e := range events {
		c.countEvent(e)
	}
	for _, p := range c.journal.PassesAfter(c.pass) {
		if p.End.IsZero() {
			break // it is counted when it ends
		}
		c.pass = p.Number
		c.countPass(p)
	}
	return changed
}

func (c *Collector) countPass(p journal.Pass) {
	c.counters.passes.WithLabelValues(known(outcomes, string(p.Outcome)), c.causes.bound(head(p.Cause))).Inc()
	if p.Outcome == journal.Skipped {
		c.counters.skipped.WithLabelValues(c.reasons.bound(head(p.Reason))).Inc()
		return
	}
	c.counters.duration.Observe(max(0, p.End.Sub(p.Start)).Seconds())
	c.counters.limited.Add(float64(max(0, p.Limited)))
	rest := p.Requests
	for class, n := range p.RequestsByClass {
		c.counters.requests.WithLabelValues(c.classes.bound(head(class))).Add(float64(max(0, n)))
		rest -= n
	}
	if rest > 0 {
		c.counters.requests.WithLabelValues(other).Add(float64(rest))
	}
}

func (c *Collector) countEvent(e journal.Event) {
	switch {
	case e.Kind == journal.StepChanged && e.Step != nil:
		if slices.Contains(results, e.Step.Phase) {
			c.counters.steps.WithLabelValues(kindOf(e.Step.Address), c.actions.bound(head(e.Step.Action)), e.Step.Phase).Inc()
		}
	case e.Kind == journal.AlarmRaised && e.Alarm != nil:
		if since, lasts := c.raised[e.Alarm.Name]; !lasts || !since.Equal(e.Alarm.Since) {
			c.counters.alarms.WithLabelValues(c.alarmNames.bound(alarmName(e.Alarm.Name))).Inc()
		}
		c.raised[e.Alarm.Name] = e.Alarm.Since
	case e.Kind == journal.AlarmCleared && e.Alarm != nil:
		delete(c.raised, e.Alarm.Name)
	}
}

// outcomes are the values of the label outcome.
var outcomes = []string{
	string(journal.InSync), string(journal.Changed), string(journal.Observed), string(journal.Waiting), string(journal.Failed), string(journal.Skipped),
}
