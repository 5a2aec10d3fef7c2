package status

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"fleet/internal/jsonobject"
	"fleet/plan"
	"fleet/spec"
)

// pricedFleet returns a fleet with prices, or without if text is "".
func pricedFleet(t *testing.T, prices string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + prices + "sandboxes:\n  web: {snapshot: s}\n  worker: {count: 3, snapshot: s}\n")})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// pricedWorld returns sandboxes in several states, one with a GPU, and one whose size is
// not known.
func pricedWorld(t *testing.T) *plan.World {
	t.Helper()
	w := &plan.World{}
	for _, s := range []struct {
		key, state string
		size       map[string]any
	}{
		{"web", "started", sizeOf(2, 4, 8, 0)},
		{"worker[0]", "started", sizeOf(1, 1, 3, 0)},
		{"worker[1]", "stopped", sizeOf(1, 1, 3, 0)},
		{"worker[2]", "archived", sizeOf(1, 1, 3, 0)},
		{"", "starting", sizeOf(1, 1, 3, 0)},
		{"", "error", sizeOf(1, 1, 3, 0)},
		{"", "started", sizeOf(1, 1, 3, 1)},
		{"", "stopped", sizeOf(1, 1, 3, 1)},
		{"", "started", map[string]any{"user": "daytona"}},
	} {
		o := &plan.Object{ID: fmt.Sprint("id-", len(w.Objects[spec.SandboxKind])), Name: s.state + " " + s.key, State: s.state, TargetState: s.state}
		o.Attrs = attributes(t, s.size)
		if s.key != "" {
			o.Labels = map[string]string{spec.FleetLabel: "demo", spec.KeyLabel: s.key}
		}
		w.Add(spec.SandboxKind, o)
	}
	w.Add(spec.VolumeKind, &plan.Object{ID: "v", Name: "cache", State: "ready", TargetState: "ready"})
	return w
}

// attributes returns the attributes of a sandbox with these fields.
func attributes(t *testing.T, fields map[string]any) spec.Attrs {
	t.Helper()
	var raw map[string]json.RawMessage
	text, err := json.Marshal(fields)
	if err == nil {
		err = json.Unmarshal(text, &raw)
	}
	if err != nil {
		t.Fatal(err)
	}
	attrs, err := spec.Tables[spec.SandboxKind].Read(jsonobject.Of(raw))
	if err != nil {
		t.Fatal(err)
	}
	return attrs
}

// sizeOf returns a size as the server reports it.
func sizeOf(cpu, memory, disk, gpu int) map[string]any {
	return map[string]any{"cpu": cpu, "memory": memory, "disk": disk, "gpu": gpu}
}

// TestCosts checks the cost of each sandbox in its state, and the totals of kinds and
// groups. A cost that is not known is no cost of 0.
func TestCosts(t *testing.T) {
	for _, c := range []struct{ prices, each, totals string }{
		{
			"prices: {currency: EUR, vcpu_hour: 0.05, gib_memory_hour: 0.016, gib_disk_hour: 0.0001}\n",
			"sandbox started web=0.1648, sandbox started worker[0]=0.0663, sandbox stopped worker[1]=0.0003, sandbox archived worker[2]=0, volume cache=?, " +
				"sandbox starting =0.0663, sandbox error =0, sandbox started =?, sandbox stopped =0.0003, sandbox started =?",
			"sandbox=0.298 without 2, sandbox.worker=0.0666 without 0, volume=? without 0",
		},
		{
			"prices: {gib_disk_hour: 0.000000123}\n",
			"sandbox started web=9.84e-07, sandbox started worker[0]=3.69e-07, sandbox stopped worker[1]=3.69e-07, sandbox archived worker[2]=0, volume cache=?, " +
				"sandbox starting =3.69e-07, sandbox error =0, sandbox started =?, sandbox stopped =3.69e-07, sandbox started =?",
			"sandbox=2.46e-06 without 2, sandbox.worker=7.38e-07 without 0, volume=? without 0",
		},
		{
			"",
			"sandbox started web=?, sandbox started worker[0]=?, sandbox stopped worker[1]=?, sandbox archived worker[2]=?, volume cache=?, " +
				"sandbox starting =?, sandbox error =?, sandbox started =?, sandbox stopped =?, sandbox started =?",
			"sandbox=? without 0, sandbox.worker=? without 0, volume=? without 0",
		},
	} {
		rows, err := List(pricedFleet(t, c.prices), pricedWorld(t), Options{All: true})
		if err != nil {
			t.Fatal(err)
		}
		var each, totals []string
		for _, r := range rows {
			each = append(each, r.Kind+" "+r.Name+"="+amount(r.CostPerHour))
		}
		for _, n := range CountRows(rows) {
			totals = append(totals, fmt.Sprintf("%s=%s without %d", n.Of, amount(n.CostPerHour), n.UnknownCosts))
		}
		if got := strings.Join(each, ", "); got != c.each {
			t.Errorf("%qeach\n got %s\nwant %s", c.prices, got, c.each)
		}
		if got := strings.Join(totals, ", "); got != c.totals {
			t.Errorf("%qtotals\n got %s\nwant %s", c.prices, got, c.totals)
		}
	}
}

// amount returns an amount as text; "?" if it is nil.
func amount(n *float64) string {
	if n == nil {
		return "?"
	}
	return fmt.Sprint(*n)
}
