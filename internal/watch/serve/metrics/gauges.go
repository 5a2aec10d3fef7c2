package metrics

import (
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"fleet/apply"
	"fleet/internal/journal"
)

// A gauge is a metric that is computed from the state of the journal.
type gauge struct {
	desc   *prometheus.Desc
	values func(c *Collector, s *journal.State, set setter)
	seen   map[string][]string // label values that were set, which are 0 if they are no longer
}

// A setter adds to the value of a gauge with the given label values.
type setter func(value float64, labels ...string)

func newGauge(name, help string, labels []string, values func(c *Collector, s *journal.State, set setter)) *gauge {
	return &gauge{prometheus.NewDesc("fleet_watch_"+name, help, labels, nil), values, map[string][]string{}}
}

// collect computes the gauge.
func (g *gauge) collect(c *Collector, s *journal.State, to chan<- prometheus.Metric, keep bool) {
	sums := map[string]float64{}
	g.values(c, s, func(value float64, labels ...string) {
		key := strings.Join(labels, "\xff") // no UTF-8 text has it
		sums[key] += value
		g.seen[key] = labels
	})
	for key, labels := range g.seen {
		value, set := sums[key]
		if !set && !keep {
			delete(g.seen, key)
			continue
		}
		to <- prometheus.MustNewConstMetric(g.desc, prometheus.GaugeValue, value, labels...)
	}
}

// counted are the gauges that count: a label value that is not there any more counts 0.
func counted() []*gauge {
	return []*gauge{
		newGauge("objects", "Objects of the fleet, by the state that the server reports; absent if they do not exist.", []string{"kind", "state"},
			perObject(func(o journal.Object) (bool, []string) { return true, []string{kindOf(o.Address), stateOf(o.State)} })),
		newGauge("objects_drifted", "Objects that differ from the spec.", []string{"kind"},
			perObject(func(o journal.Object) (bool, []string) { return o.Drift != "", []string{kindOf(o.Address)} })),
		newGauge("objects_failed", "Objects in an error state, or whose last change failed.", []string{"kind"},
			perObject(func(o journal.Object) (bool, []string) { return o.Failed, []string{kindOf(o.Address)} })),
		newGauge("objects_paused", "Objects that the watch omits until they are resumed.", []string{"kind"},
			perObject(func(o journal.Object) (bool, []string) { return o.Paused, []string{kindOf(o.Address)} })),
		newGauge("drift", "Steps of the current plan that are not done.", []string{"kind", "action"}, drift),
		newGauge("alarms", "Alarms that last.", []string{"alarm"}, func(c *Collector, s *journal.State, set setter) {
			for _, a := range s.Alarms {
				set(1, c.alarmNames.bound(alarmName(a.Name)))
			}
		}),
	}
}

// perObject counts the objects for which of returns true, with the labels it returns.
func perObject(of func(journal.Object) (bool, []string)) func(*Collector, *journal.State, setter) {
	return func(_ *Collector, s *journal.State, set setter) {
		for _, o := range s.Objects {
			if counts, labels := of(o); counts {
				set(1, labels...)
			}
		}
	}
}

func drift(c *Collector, s *journal.State, set setter) {
	for _, k := range kinds[:len(kinds)-1] {
		set(0, k, "create")
	}
	if s.Plan == nil {
		return
	}
	for _, step := range s.Plan.Steps {
		if step.Phase != string(apply.Done) {
			set(1, kindOf(step.Address), c.actions.bound(head(step.Action)))
		}
	}
}

// current are the gauges with the values of this moment.
func current() []*gauge {
	return []*gauge{
		newGauge("info", "What is watched; the value is 1.", []string{"fleet", "environment", "server", "mode", "version"}, func(_ *Collector, s *journal.State, set setter) {
			set(1, text(s.Fleet), text(s.Environment), text(s.Server), text(s.Mode), text(s.Version))
		}),
		newGauge("revision_info", "Revision of the spec in the last pass: its commit, or the start of its digest; the value is 1.", []string{"revision"}, func(_ *Collector, s *journal.State, set setter) {
			for i := len(s.Passes) - 1; i >= 0; i-- {
				if r := s.Passes[i].Revision; r != "" {
					set(1, text(r))
					return
				}
			}
		}),
		newGauge("start_timestamp_seconds", "When the watch started.", nil, func(_ *Collector, s *journal.State, set setter) { setTime(set, s.Started) }),
		newGauge("last_success_timestamp_seconds", "When the last pass that succeeded ended; 0 before the first one.", nil, func(_ *Collector, s *journal.State, set setter) {
			set(0)
			setTime(set, s.LastSuccess)
		}),
		newGauge("next_pass_timestamp_seconds", "When the next pass is due.", nil, func(_ *Collector, s *journal.State, set setter) { setTime(set, s.NextPass) }),
		newGauge("pass_running", "Whether a pass runs.", nil, func(_ *Collector, s *journal.State, set setter) {
			set(truth(len(s.Passes) > 0 && s.Passes[len(s.Passes)-1].End.IsZero()))
		}),
		newGauge("triggers_waiting", "Triggers that the next pass will serve.", nil, func(_ *Collector, s *journal.State, set setter) { set(float64(s.Waiting)) }),
		newGauge("approvals_waiting", "Whether a plan waits for approval.", nil, func(_ *Collector, s *journal.State, set setter) {
			set(truth(s.Plan != nil && s.Plan.NeedsApproval != "" && !s.Plan.Approved))
		}),
		newGauge("paused", "Whether the whole fleet is paused.", nil, func(_ *Collector, s *journal.State, set setter) {
			set(truth(len(s.Paused) > 0 && s.Paused[0] == "")) // sorted
		}),
		newGauge("events_connected", "Whether the connection for the platform's events is open; absent if it is not used, or not offered by the server.", nil, func(_ *Collector, s *journal.State, set setter) {
			if s.Pushes != "" && !strings.HasPrefix(s.Pushes, notOffered) {
				set(truth(s.Pushes == connected))
			}
		}),
		newGauge("other_watch", "Whether there are signs of a second watch of the fleet.", nil, func(_ *Collector, s *journal.State, set setter) { set(truth(s.OtherWatch != "")) }),
	}
}

// States of the connection for events in [journal.Head].
const (
	connected  = "connected"
	notOffered = "not offered" // and why
)

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func setTime(set setter, t time.Time) {
	if !t.IsZero() {
		set(float64(t.UnixMilli()) / 1000)
	}
}

// text returns a text as a label value: it has to be UTF-8.
func text(s string) string {
	const most = 200
	if len(s) > most {
		s = s[:most]
	}
	return strings.ToValidUTF8(s, "?")
}
