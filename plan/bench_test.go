package plan

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"fleet/spec"
)

// bigSpec returns a spec with n sandboxes in ten groups that use many attributes.
func bigSpec(n int) string { return bigSpecOf(n, "box") }

func bigSpecOf(n int, key string) string {
	text := "volumes: {cache: {}}\nsnapshots: {base: {image: 'a:1'}}\nsandboxes:\n"
	for i := range 10 {
		text += fmt.Sprintf("  %s%d: {name: box%d, count: %d, snapshot: base, env_vars: {PORT: 80, MODE: fast}, labels: {team: a}, volumes: [{volume: cache, mount_path: /data}], auto_stop_interval: 30, state: started}\n", key, i, i, n/10)
	}
	return text
}

// BenchmarkCompute plans fleets of several sizes. The time should grow linearly with the
// size.
func BenchmarkCompute(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		was := parse(b, bigSpec(n))
		full := newWorld(b, was)
		empty := &World{Facts: full.Facts, Objects: maps.Clone(full.Objects)}
		delete(empty.Objects, spec.SandboxKind)
		plans := []struct {
			name string
			spec string
			w    *World
			opts Options
			size int
		}{
			{"same", bigSpec(n), full, Options{}, n + 2},
			{"change", strings.ReplaceAll(bigSpec(n), "auto_stop_interval: 30, state: started", "auto_stop_interval: 45, public: true"), full, Options{}, n + 2},
			{"create", bigSpec(n), empty, Options{}, n + 2},
			{"destroy", bigSpec(n), full, Options{Destroy: true}, n + 1},
			{"delete", "sandboxes: {}", full, Options{AllowDestroy: n}, n},
			{"rename", bigSpecOf(n, "new"), full, Options{AllowDestroy: n}, 2*n + 2},
			{"outside", "sandboxes: {box: {count: " + fmt.Sprint(n) + ", snapshot: base, volumes: [{volume: cache, mount_path: /c}]}}", empty, Options{}, n},
		}
		for _, p := range plans {
			b.Run(fmt.Sprintf("%s/%d", p.name, n), func(b *testing.B) {
				f := parse(b, p.spec)
				b.ReportAllocs()
				for b.Loop() {
					if got := len(mustCompute(f, p.w, p.opts).Steps); got != p.size {
						b.Fatal(got, "steps")
					}
				}
			})
		}
	}
}

// BenchmarkPruneAmongMany plans the deletion of a few snapshots in a world with many
// sandboxes.
func BenchmarkPruneAmongMany(b *testing.B) {
	was := parse(b, bigSpec(10_000))
	w := newWorld(b, was)
	w.Objects[spec.SnapshotKind] = nil
	old := parse(b, "snapshots: {tmp: {image: 'a:1'}}")
	for i := range 1000 {
		o := newObject(b, old.OfKind(spec.SnapshotKind)[0], w.Facts, true)
		o.Name = fmt.Sprintf("tmp-%d", i)
		w.Add(spec.SnapshotKind, o)
	}
	f := parse(b, "owns: {snapshots: ['tmp-*']}\n"+bigSpec(10_000))
	b.ReportAllocs()
	for b.Loop() {
		mustCompute(f, w, Options{})
	}
}
