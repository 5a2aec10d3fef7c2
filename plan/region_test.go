package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

// The creation or replacement of a sandbox is blocked if its snapshot is known not to be
// in its region.
func TestSnapshotInAnotherRegion(t *testing.T) {
	const base = "snapshots: {base: {image: \"debian:12\", target: us}}\n"
	const group = base + "sandboxes: {m: {count: 2, snapshot: base, target: us}}\n"
	const inEU = "snapshot.base, which it is made from, is in us and not in eu"
	only := func(regions ...string) func(*World) {
		return func(w *World) {
			o := big(t)
			o.set(t, spec.SnapshotKind, "target", regions)
			w.Add(spec.SnapshotKind, o)
		}
	}
	usual := func(region string) func(*World) {
		return func(w *World) { w.QuotaStatus = &QuotaStatus{DefaultRegion: region} }
	}
	for _, c := range []struct {
		name, was, is string
		change        func(*World)
		opts          Options
		want          string // why all sandboxes are blocked; "" if none is
	}{
		{name: "the group moves", was: group, is: strings.Replace(group, "base, target: us", "base, target: eu", 1), want: inEU},
		{name: "the group moves, by id", was: group, is: strings.Replace(group, "base, target: us", "base, target: region-2", 1), want: inEU},
		{name: "the group moves with surge", was: group, is: strings.Replace(group, "base, target: us", "base, target: eu, rollout: {surge: true}", 1), want: inEU},
		{name: "both move", was: group, is: strings.ReplaceAll(group, "us", "eu")},
		{name: "the snapshot moves, and the group is replaced", was: group, is: strings.Replace(strings.Replace(group, "us", "eu", 1), "snapshot:", "os_user: root, snapshot:", 1), want: "snapshot.base, which it is made from, is in eu and not in us"},
		{name: "the group grows", was: group, is: strings.Replace(strings.Replace(group, "base, target: us", "base, target: eu", 1), "count: 2", "count: 3", 1), want: inEU},
		{name: "new", was: nothing, is: strings.Replace(group, "base, target: us", "base, target: eu", 1), want: inEU},
		{name: "forced", was: group, is: group, change: func(w *World) {
			w.Objects[spec.SnapshotKind][0].set(t, spec.SnapshotKind, "target", []string{"region-2"})
		}, opts: Options{Replace: selectors(t, "sandbox.m")}, want: ""},
		{name: "an organisation's snapshot in other regions only", was: nothing, is: "sandboxes: {m: {snapshot: big, target: us}}\n", change: only("region-2", "region-3"), want: "the snapshot \"big\", which it is made from, is in eu and region-3 and not in us"},
		{name: "an organisation's snapshot, replaced", was: "sandboxes: {m: {snapshot: big, target: us}}\n", is: "sandboxes: {m: {snapshot: big, target: eu}}\n", change: only("region-1"), want: "the snapshot \"big\", which it is made from, is in us and not in eu"},
		{name: "an organisation's snapshot in all regions", was: nothing, is: "sandboxes: {m: {snapshot: big, target: us}}\n", change: only("region-1", "region-2")},
		{name: "a server that does not tell", was: nothing, is: "sandboxes: {m: {snapshot: big, target: us}}\n", change: func(w *World) { w.Add(spec.SnapshotKind, big(t)) }},
		{name: "the organisation's default region", was: nothing, is: base + "sandboxes: {m: {snapshot: base}}\n", change: usual("region-2"), want: inEU},
		{name: "the organisation's default region has it", was: nothing, is: base + "sandboxes: {m: {snapshot: base}}\n", change: usual("region-1")},
		{name: "a snapshot in the organisation's default region", was: nothing, is: "snapshots: {base: {image: \"debian:12\"}}\nsandboxes: {m: {snapshot: base, target: eu}}\n", change: usual("region-1"), want: inEU},
		{name: "a default region that is not known", was: nothing, is: base + "sandboxes: {m: {snapshot: base}}\n"},
		{name: "the configured region", was: nothing, is: base + "sandboxes: {m: {snapshot: base}}\n", opts: Options{DefaultRegion: "eu"}, want: inEU},
		{name: "the configured region goes before the organisation's", was: nothing, is: base + "sandboxes: {m: {snapshot: base}}\n", change: usual("region-2"), opts: Options{DefaultRegion: "us"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, parse(t, c.was))
			if c.change != nil {
				c.change(w)
			}
			f := parse(t, c.is)
			w.observe(f)
			c.opts.AllowDestroy = 9
			for _, s := range mustCompute(f, w, c.opts).Steps {
				if s.Address.Kind != spec.SandboxKind {
					continue
				}
				got := ""
				if s.Blocked != nil {
					got = s.Blocked.Reason
				}
				same(t, s.Address.String(), got, c.want)
			}
		})
	}
}
