package gc

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/internal/jsonobject"
	"fleet/plan"
	"fleet/spec"
)

// image returns a snapshot of an image that was created and last used two days ago.
func image(t testing.TB, name, content, state string) *plan.Object {
	t.Helper()
	text, _ := json.Marshal(content)
	attrs, err := spec.Tables[spec.SnapshotKind].Read(jsonobject.Of(map[string]json.RawMessage{"imageName": text}))
	if err != nil {
		t.Fatal(err)
	}
	return &plan.Object{
		Object: spec.Object{Attrs: attrs, FullyRead: true}, ID: "id-" + name, Name: name, State: state, TargetState: state,
		Created: now.Add(-48 * time.Hour), LastActive: now.Add(-48 * time.Hour), Failed: state == "error" || state == "build_failed",
	}
}

// from makes the sandbox one that was created from a snapshot.
func from(t testing.TB, o *plan.Object, snapshot string) *plan.Object {
	t.Helper()
	text, _ := json.Marshal(snapshot)
	attrs, err := spec.Tables[spec.SandboxKind].Read(jsonobject.Of(map[string]json.RawMessage{"snapshot": text}))
	if err != nil {
		t.Fatal(err)
	}
	o.Attrs = attrs
	return o
}

// versionOf returns the version of an image, as fleet computes it.
func versionOf(t testing.TB, content string) string {
	t.Helper()
	f := parse(t, fmt.Sprintf("snapshots: {base: {image: %q, versioning: content}}\n", content))
	return f.OfKind(spec.SnapshotKind)[0].Version()
}

// A snapshotCase describes a random snapshot.
type snapshotCase struct {
	proven bool // its content proves its name
	trial  bool
	record bool
}

// TestSnapshotLaws checks for random organizations that --snapshots deletes nothing that is
// declared, used, kept, recent, changing or not proven to be the fleet's, and that each
// deletion is given up if the snapshot is used meanwhile.
func TestSnapshotLaws(t *testing.T) {
	contents := []string{"python:3.10", "python:3.11", "python:3.12", "python:3.13"}
	versions := map[string]string{}
	for _, c := range contents {
		versions[c] = versionOf(t, c)
	}
	rapid.Check(t, func(rt *rapid.T) {
		keep := rapid.IntRange(0, 2).Draw(rt, "keep")
		extra := rapid.SampledFrom([]string{"", ", protect: true", ", pin: " + versions["python:3.11"]}).Draw(rt, "extra")
		f := parse(t, fmt.Sprintf("snapshots:\n  base: {image: \"python:3.13\", versioning: content, keep: %d%s}\n  fixed: {image: \"python:3.13\"}\nsandboxes:\n  web: {snapshot: base-%s}\n", keep, extra, versions["python:3.10"]))
		w, known, opts := &plan.World{}, map[string]snapshotCase{}, Options{Now: now, Snapshots: true}
		if rapid.Bool().Draw(rt, "override") {
			none := 0
			opts.Keep = &none
		}
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(snapshotNames(versions)), 0, 12, rapid.ID).Draw(rt, "names")
		for _, name := range names {
			content := rapid.SampledFrom(contents).Draw(rt, "content of "+name)
			if i := slices.IndexFunc(contents, func(c string) bool { return strings.Contains(name, versions[c]) }); i >= 0 && rapid.IntRange(0, 3).Draw(rt, "genuine") > 0 {
				content = contents[i]
			}
			o := image(t, name, content, rapid.SampledFrom([]string{"active", "active", "active", "inactive", "error", "build_failed", "building"}).Draw(rt, "state of "+name))
			if o.State == "building" {
				o.TargetState = "active"
			}
			o.Shared = rapid.IntRange(0, 9).Draw(rt, "shared") == 0
			o.Created = now.Add(-time.Duration(rapid.SampledFrom([]int{0, 10, 100, 200, 300}).Draw(rt, "age")) * time.Minute)
			o.LastActive = o.Created.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 10, 95}).Draw(rt, "used")) * time.Minute)
			c := snapshotCase{trial: strings.HasSuffix(name, ".trial"), record: rapid.IntRange(0, 3).Draw(rt, "recorded") == 0}
			c.proven = strings.HasSuffix(strings.TrimSuffix(name, ".trial"), "-"+versions[content])
			if c.record {
				opts.Created = append(opts.Created, plan.Creation{Name: name, ID: o.ID})
			}
			known[name] = c
			w.Add(spec.SnapshotKind, o)
		}
		for i := range rapid.IntRange(0, 4).Draw(rt, "sandboxes") {
			o := from(t, box(t, fmt.Sprintf("s%d", i), rapid.SampledFrom([]string{"started", "stopped", "archived", "error"}).Draw(rt, "state")), rapid.SampledFrom(append(names, "other")).Draw(rt, "source"))
			if rapid.Bool().Draw(rt, "of another fleet") {
				o.Labels[spec.FleetLabel], o.Labels[spec.KeyLabel] = "other", o.Name
			}
			w.Add(spec.SandboxKind, o)
		}
		_, p := Collect(f, w, nil, opts)
		checkSnapshotPlan(rt, f, w, p, opts, known, "base-"+versions["python:3.10"])
	})
}

// snapshotNames returns names of versions, of trials, and others.
func snapshotNames(versions map[string]string) []string {
	names := []string{"base", "fixed", "base-000000000000", "base-000000000000.trial", "alien", "other-000000000000"}
	for _, v := range versions {
		names = append(names, "base-"+v)
	}
	v := versions["python:3.12"]
	names = append(names, "base-"+v+".trial", "fixed-"+v+".trial", "fixed-"+v, "other-"+v)
	slices.Sort(names)
	return names
}

// checkSnapshotPlan fails if a step deletes a snapshot that has to stay, such as named,
// which a sandbox of the spec refers to.
func checkSnapshotPlan(rt *rapid.T, f *spec.Fleet, w *plan.World, p *plan.Plan, opts Options, known map[string]snapshotCase, named string) {
	users := map[string]bool{}
	for _, o := range w.Objects[spec.SandboxKind] {
		users[o.Snapshot()] = true
	}
	base, seen, deleted := f.OfKind(spec.SnapshotKind)[0], map[spec.Address]bool{}, 0
	for _, s := range p.Steps {
		if seen[s.Address] {
			rt.Fatalf("%s is there twice", s.Address)
		}
		seen[s.Address] = true
		o := s.Have
		if s.Action == plan.NoOp {
			continue
		}
		isVersion := strings.HasPrefix(o.Name, "base-") || strings.HasPrefix(o.Name, "fixed-")
		c, declared := known[o.Name], f.ByName(spec.SnapshotKind)[o.Name]
		owned := c.proven || c.record && !c.trial
		switch {
		case s.Action != plan.Delete || s.Address.Kind != spec.SnapshotKind:
			rt.Fatalf("%s: %s", s.Address, s.Action)
		case !s.RequiresUnused:
			rt.Fatalf("%s is not given up when it is used", s.Address)
		case o.Shared:
			rt.Fatalf("%s is the platform's", o.Name)
		case users[o.Name]:
			rt.Fatalf("%s is in use", o.Name)
		case declared != nil && (!o.Failed || declared.PinnedVersion() != "" || declared.Protected()):
			rt.Fatalf("%s is declared", o.Name)
		case o.Name == named:
			rt.Fatalf("a sandbox of the spec names %s", o.Name)
		case !owned, !isVersion && declared == nil && (o.Name != "base" || !c.record):
			rt.Fatalf("%s is not proven to be the fleet's", o.Name)
		case strings.HasPrefix(o.Name, "base") && base.Protected():
			rt.Fatalf("%s is protected", o.Name)
		case opts.Now.Sub(o.LastActive) < DefaultSpareActive || opts.Now.Sub(o.Created) < DefaultSpareActive:
			rt.Fatalf("%s is recent", o.Name)
		case !o.Settled():
			rt.Fatalf("%s is changing", o.Name)
		}
		if !o.Failed && declared == nil && !c.trial && strings.HasPrefix(o.Name, "base") {
			deleted++
		}
	}
	checkKept(rt, base, w, opts, known, deleted)
}

// checkKept fails if more versions of base were deleted than keep allows.
func checkKept(rt *rapid.T, base *spec.Resource, w *plan.World, opts Options, known map[string]snapshotCase, deleted int) {
	versions := 0
	for _, o := range w.Objects[spec.SnapshotKind] {
		c := known[o.Name]
		if (strings.HasPrefix(o.Name, "base-") && c.proven || strings.HasPrefix(o.Name, "base") && c.record) && !c.trial && !o.Failed && !o.Shared && o.Name != base.Name() {
			versions++
		}
	}
	keep := base.Keep()
	if opts.Keep != nil {
		keep = *opts.Keep
	}
	if most := max(0, versions-keep); deleted > most {
		rt.Fatalf("%d of %d versions would go, and %d are to stay", deleted, versions, keep)
	}
}
