package plan

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/spec"
)

// forecastLine returns a forecast in one line.
func forecastLine(f *Forecast) string {
	h := func(h Usage) string {
		return fmt.Sprintf("%d/%d %d %d %d", h.Started, h.Sandboxes, h.CPU, h.Memory, h.Disk)
	}
	text := h(f.Now) + " -> " + h(f.After)
	if f.UnknownSizes > 0 {
		text += fmt.Sprintf(", %d unknown", f.UnknownSizes)
	}
	return text
}

func TestForecast(t *testing.T) {
	const two = "sandboxes:\n  a: {image: \"x:1\", resources: {cpu: 2}}\n  b: {image: \"x:1\"}\n"
	stop := func(w *World, name string) {
		o := w.find(t, spec.SandboxKind, name)
		o.State, o.TargetState = "stopped", "stopped"
	}
	for name, c := range map[string]struct {
		had, wants string // specs
		change     func(*World)
		opts       Options
		want       string // started/sandboxes vCPU memory disk
	}{
		"creates":         {"", two, nil, Options{}, "0/0 0 0 0 -> 2/2 3 2 6"},
		"nothing":         {two, two, nil, Options{}, "2/2 3 2 6 -> 2/2 3 2 6"},
		"grows":           {two, strings.Replace(two, "cpu: 2", "cpu: 4", 1), nil, Options{}, "2/2 3 2 6 -> 2/2 5 2 6"},
		"goes":            {two, "sandboxes:\n  b: {image: \"x:1\"}\n", nil, Options{}, "2/2 3 2 6 -> 1/1 1 1 3"},
		"all go":          {two, "sandboxes: {}", nil, Options{Destroy: true}, "2/2 3 2 6 -> 0/0 0 0 0"},
		"blocked":         {two, "sandboxes: {}", nil, Options{}, "2/2 3 2 6 -> 2/2 3 2 6"},
		"stops":           {two, strings.Replace(two, "cpu: 2}", "cpu: 2}, state: stopped", 1), nil, Options{}, "2/2 3 2 6 -> 1/2 1 1 6"},
		"archives":        {two, strings.Replace(two, "cpu: 2}", "cpu: 2}, state: archived", 1), nil, Options{}, "2/2 3 2 6 -> 1/2 1 1 3"},
		"starts":          {two, strings.Replace(two, "cpu: 2}", "cpu: 2}, state: started", 1), func(w *World) { stop(w, "a") }, Options{}, "1/2 1 1 6 -> 2/2 3 2 6"},
		"of the spec":     {"", "snapshots: {s: {image: \"x:1\", resources: {memory: 5}}}\nsandboxes: {a: {snapshot: s}}", nil, Options{}, "0/0 0 0 0 -> 1/1 1 5 3"},
		"of the platform": {"", "sandboxes: {a: {snapshot: big}}", func(w *World) { w.Add(spec.SnapshotKind, big(t)) }, Options{}, "0/0 0 0 0 -> 1/1 4 8 10"},
		"nobody knows":    {"", "sandboxes: {a: {}}", nil, Options{}, "0/0 0 0 0 -> 0/1 0 0 0, 1 unknown"},
		"released":        {two, "sandboxes: {b: {image: \"x:1\"}}\nremoved: [{from: sandbox.a, destroy: false}]", nil, Options{}, "2/2 3 2 6 -> 1/1 1 1 3"},
		"failed and made anew": {two, two, func(w *World) {
			o := w.find(t, spec.SandboxKind, "a")
			o.State, o.TargetState, o.Failed = "error", "error", true
		}, Options{}, "1/2 1 1 3 -> 2/2 3 2 6"},
	} {
		t.Run(name, func(t *testing.T) {
			had, wants := parse(t, c.had), parse(t, c.wants)
			w := newWorld(t, had)
			if c.change != nil {
				c.change(w)
			}
			got := forecastLine(NewForecast(wants, w, mustCompute(wants, w, c.opts)))
			if got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// big is a snapshot that the platform shares.
func big(t *testing.T) *Object {
	return &Object{
		Object: spec.Object{Attrs: read(t, spec.SnapshotKind, map[string]any{"cpu": 4, "mem": 8, "disk": 10}), FullyRead: true},
		ID:     "big", Name: "big", State: "active", TargetState: "active", Shared: true,
	}
}

func TestForecastCosts(t *testing.T) {
	f := parse(t, "prices: {currency: EUR, vcpu_hour: 0.5, gib_disk_hour: 0.25}\nsandboxes: {a: {image: \"x:1\"}}")
	w := &World{}
	got := NewForecast(f, w, mustCompute(f, w, Options{}))
	if got.Currency != "EUR" || *got.Now.CostPerDay != 0 || *got.After.CostPerDay != 24*(0.5+3*0.25) {
		t.Errorf("%s, %v -> %v", got.Currency, *got.Now.CostPerDay, *got.After.CostPerDay)
	}
}

// TestForecastCostsOfGPUs: GPUs have no price, so that a total with them is not known.
func TestForecastCostsOfGPUs(t *testing.T) {
	f := parse(t, "prices: {vcpu_hour: 1}\nsandboxes: {a: {image: \"x:1\", resources: {gpu: 1}, ephemeral: true}}")
	w := &World{}
	got := NewForecast(f, w, mustCompute(f, w, Options{}))
	if got.Now.CostPerDay == nil || got.After.CostPerDay != nil {
		t.Errorf("%v -> %v", got.Now.CostPerDay, got.After.CostPerDay)
	}
}

func TestShortages(t *testing.T) {
	us := QuotaScope{"us", "container"}
	quota := func(region string, total, used int) Quota {
		return Quota{QuotaScope{region, "container"}, spec.Footprint{CPU: total, Memory: 99, Disk: 99}, spec.Footprint{CPU: used}}
	}
	cpu := func(p QuotaScope, net, gross int) []Demand {
		return []Demand{{QuotaScope: p, Net: spec.Footprint{CPU: net}, Gross: spec.Footprint{CPU: gross}, Now: spec.Footprint{CPU: 2}}}
	}
	nowhere := QuotaScope{Class: "container"}
	for name, c := range map[string]struct {
		standing QuotaStatus
		demands  []Demand
		want     []string
	}{
		"fits":              {QuotaStatus{Quotas: []Quota{quota("us", 10, 5)}}, cpu(us, 5, 5), nil},
		"too much":          {QuotaStatus{Quotas: []Quota{quota("us", 10, 5)}}, cpu(us, 6, 6), []string{"vCPU in us: 6 more are wanted, and 5 of 10 are in use: 1 too many; stop or archive sandboxes that are started, or have the limit raised"}},
		"frees":             {QuotaStatus{Quotas: []Quota{quota("us", 10, 50)}}, cpu(us, -6, 0), nil},
		"in passing":        {QuotaStatus{Quotas: []Quota{quota("us", 10, 10)}}, cpu(us, 0, 3), []string{"vCPU in us: 3 more are wanted, and 10 of 10 are in use: 3 too many, until the plan has freed others"}},
		"other region":      {QuotaStatus{Quotas: []Quota{quota("eu", 10, 10)}}, cpu(us, 6, 6), nil},
		"unknown region":    {QuotaStatus{Quotas: []Quota{quota("eu", 10, 10), quota("us", 10, 0)}}, cpu(nowhere, 6, 6), nil},
		"nowhere":           {QuotaStatus{Quotas: []Quota{quota("eu", 10, 10), quota("us", 10, 5)}}, cpu(nowhere, 6, 6), []string{"vCPU in us: 6 more are wanted, and 5 of 10 are in use: 1 too many; stop or archive sandboxes that are started, or have the limit raised"}},
		"default region":    {QuotaStatus{DefaultRegion: "eu", Quotas: []Quota{quota("eu", 10, 10), quota("us", 10, 5)}}, cpu(nowhere, 6, 6), []string{"vCPU in eu: 6 more are wanted, and 10 of 10 are in use: 6 too many; stop or archive sandboxes that are started, or have the limit raised"}},
		"odd default":       {QuotaStatus{DefaultRegion: "mars", Quotas: []Quota{quota("us", 10, 5)}}, cpu(nowhere, 3, 3), nil},
		"joined":            {QuotaStatus{DefaultRegion: "us", Quotas: []Quota{quota("us", 10, 5)}}, append(cpu(nowhere, 3, 3), cpu(us, 3, 3)...), []string{"vCPU in us: 6 more are wanted, and 5 of 10 are in use: 1 too many; stop or archive sandboxes that are started, or have the limit raised"}},
		"nothing known":     {QuotaStatus{}, cpu(us, 600, 600), nil},
		"learnt":            {QuotaStatus{InferredTotal: spec.Footprint{CPU: 3}}, cpu(us, 2, 2), []string{"vCPU: 2 more are wanted, and at least 2 of 3 are in use: 1 too many; stop or archive sandboxes that are started, or have the limit raised"}},
		"learnt, elsewhere": {QuotaStatus{InferredTotal: spec.Footprint{CPU: 3}}, append(cpu(us, 2, 2), cpu(nowhere, 1, 1)...), nil},
		"snapshots":         {QuotaStatus{SnapshotQuota: 3, Snapshots: 3}, []Demand{{Snapshots: 1}}, []string{"snapshots: 1 more are wanted, and 3 of 3 are in use: 1 too many; delete or deactivate snapshots, or have the limit raised"}},
		"volumes, learnt":   {QuotaStatus{InferredVolumeQuota: 3}, []Demand{{Volumes: 4}}, []string{"volumes: 4 more are wanted, and at least 0 of 3 are in use: 1 too many; delete volumes, or have the limit raised"}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, s := range c.standing.Shortages(c.demands) {
				got = append(got, s.String())
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// A step that requires an unused object is stale once the object was used.
func TestRequiresUnused(t *testing.T) {
	used := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	fresh := func() *Object {
		return &Object{ID: "1", Name: "a", State: "started", TargetState: "started", LastActive: used, Object: spec.Object{Labels: map[string]string{"lease": "x"}}}
	}
	for want, change := range map[string]func(*Object){
		"":                   func(*Object) {},
		"it was used":        func(o *Object) { o.LastActive = used.Add(time.Second) },
		"its labels changed": func(o *Object) { o.Labels["lease"] = "y" },
		"it is now stopping": func(o *Object) { o.State = "stopping" },
	} {
		now := fresh()
		change(now)
		s := NewCollectStep(spec.Address{Kind: spec.SandboxKind, Key: "a"}, fresh(), Delete, "idle")
		if got := s.StaleReason(now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1234567: "-1,234,567"} {
		if got := FormatInt(n); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		0: "0 s", -time.Hour: "0 s", 59600 * time.Millisecond: "1 min", 200 * time.Second: "3 min 20 s", time.Hour + time.Second: "1 h", 50 * time.Hour: "2 d 2 h",
	} {
		if got := FormatDuration(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
