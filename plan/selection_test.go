package plan

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"fleet/spec"
)

func selectors(t testing.TB, texts ...string) []Selector {
	t.Helper()
	var list []Selector
	for _, text := range texts {
		s, err := ParseSelector(text)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

func byLabels(t testing.TB, text string) []Selector {
	t.Helper()
	s, err := ParseLabelSelector(text)
	if err != nil {
		t.Fatal(err)
	}
	return []Selector{s}
}

// selectionSpec has a group, labels and dependencies.
const selectionSpec = `snapshots: {base: {image: 'a:1'}, other: {image: 'b:1'}}
volumes: {cache: {}}
sandboxes:
  web: {snapshot: base, labels: {team: a}}
  web2: {snapshot: base, labels: {team: b, stage: dev}}
  worker: {count: 12, volumes: [{volume: cache, mount_path: /c}]}
  tail: {snapshot: other, linked_sandbox: web, ephemeral: true}
`

// TestSelectionOfCreations selects steps in an empty world.
func TestSelectionOfCreations(t *testing.T) {
	tests := []struct {
		name string
		sel  Selection
		want []string // addresses, with the steps that need them in parentheses
	}{
		{"one", Selection{Targets: selectors(t, "volume.cache")}, []string{"volume.cache"}},
		{"with what it needs", Selection{Targets: selectors(t, "sandbox.web")}, []string{"snapshot.base (sandbox.web)", "sandbox.web"}},
		{"with what that needs", Selection{Targets: selectors(t, "sandbox.tail")}, []string{"snapshot.base (sandbox.web)", "snapshot.other (sandbox.tail)", "sandbox.web (sandbox.tail)", "sandbox.tail"}},
		{"a copy", Selection{Targets: selectors(t, "sandbox.worker[11]", "volume.cache")}, []string{"volume.cache", "sandbox.worker[11]"}},
		{"a range", Selection{Targets: selectors(t, "sandbox.worker[9..10]")}, []string{"volume.cache (sandbox.worker[9])", "sandbox.worker[9]", "sandbox.worker[10]"}},
		{"a pattern", Selection{Targets: selectors(t, "sandbox.web*"), Excludes: selectors(t, "sandbox.web2")}, []string{"snapshot.base (sandbox.web)", "sandbox.web"}},
		{"a pattern of copies", Selection{Targets: selectors(t, "sandbox.worker[1?]")}, []string{"volume.cache (sandbox.worker[10])", "sandbox.worker[10]", "sandbox.worker[11]"}},
		{"a label", Selection{Targets: selectors(t, "team=b")}, []string{"snapshot.base (sandbox.web2)", "sandbox.web2"}},
		{"labels narrow", Selection{Targets: selectors(t, "sandbox.web*"), Labels: byLabels(t, "team!=a")}, []string{"snapshot.base (sandbox.web2)", "sandbox.web2"}},
		{"a label that is there", Selection{Labels: byLabels(t, "stage")}, []string{"snapshot.base (sandbox.web2)", "sandbox.web2"}},
		{"a group left out", Selection{Excludes: selectors(t, "sandbox.worker", "sandbox.tail")}, []string{"volume.cache", "snapshot.base", "snapshot.other", "sandbox.web", "sandbox.web2"}},
		{"among", Selection{AddressFilters: []AddressFilter{{Source: "x", Addresses: []spec.Address{{Kind: spec.VolumeKind, Key: "cache"}, {Kind: spec.SandboxKind, Key: "gone"}}}}}, []string{"volume.cache"}},
		{"among nothing", Selection{AddressFilters: []AddressFilter{{Source: "x"}}}, nil},
		{"only what is not there", Selection{Only: []Action{Update}}, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, selectionSpec)
			w := &World{Facts: facts(f, version)}
			w.Facts.Sandboxes = nil
			p := mustCompute(f, w, Options{Select: test.sel})
			var got []string
			for _, s := range p.Steps {
				text := s.Address.String()
				if s.NeededBy != (spec.Address{}) {
					text += " (" + s.NeededBy.String() + ")"
				}
				got = append(got, text)
			}
			same(t, "steps", got, test.want)
			same(t, "not selected", p.Counts().NotSelected, len(f.Resources)-len(got))
			orderly(t, p)
		})
	}
}

func TestSelectionIsRefused(t *testing.T) {
	tests := []struct {
		name string
		opts Options
		want string
	}{
		{"nothing of that address", Options{Select: Selection{Targets: selectors(t, "sandbox.wbe")}}, `--target sandbox.wbe: no such resource in the spec or in the fleet; did you mean "sandbox.web"?`},
		{"to be left out", Options{Select: Selection{Excludes: selectors(t, "snapshot.bas")}}, `--exclude snapshot.bas: no such resource in the spec or in the fleet; did you mean "snapshot.base"?`},
		{"a pattern of nothing", Options{Select: Selection{Targets: selectors(t, "sandbox.x*")}}, "--target sandbox.x* matches nothing of the fleet"},
		{"a range of nothing", Options{Select: Selection{Targets: selectors(t, "sandbox.worker[12..20]")}}, "--target sandbox.worker[12..20] matches nothing of the fleet"},
		{"labels of nothing", Options{Select: Selection{Labels: byLabels(t, "team=c")}}, "--selector team=c: no sandbox of the fleet has such labels"},
		{"needed and left out", Options{Select: Selection{Targets: selectors(t, "sandbox.web"), Excludes: selectors(t, "snapshot.*")}}, "--exclude leaves out snapshot.base, and sandbox.web needs it (create); leave out both, or neither"},
		{"to be replaced, and nowhere", Options{Replace: selectors(t, "sandbox.wbe")}, `--replace sandbox.wbe: no such resource in the spec; did you mean "sandbox.web"?`},
		{"to be replaced, and not selected", Options{Replace: selectors(t, "sandbox.web"), Select: Selection{Targets: selectors(t, "volume.cache")}}, "--replace sandbox.web: it is not selected; select it, too"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := parse(t, selectionSpec)
			p, err := Compute(f, &World{Facts: facts(f, version)}, test.opts)
			var selection *SelectionError
			if p != nil || !errors.As(err, &selection) {
				t.Fatalf("got plan %v, error %v", p, err)
			}
			same(t, "error", err.Error(), test.want)
		})
	}
}

func TestForcedReplacement(t *testing.T) {
	force := func(texts ...string) Options { return Options{Replace: selectors(t, texts...)} }
	runStories(t, []story{
		{
			name: "of one that could stay", spec: "sandboxes: {web: {}, db: {}}", opts: force("sandbox.web"),
			want: "replace web: its replacement was requested | delete create\nno-op db",
		},
		{
			name: "with those that are linked to it", spec: "sandboxes: {web: {}, tail: {linked_sandbox: web, ephemeral: true}}", opts: force("sandbox.web"),
			want: "replace web: its replacement was requested | delete create\nreplace tail: it is linked to sandbox.web, which is replaced | delete create | after web",
		},
		{
			name: "of what is protected", spec: "sandboxes: {web: {protect: true}}", opts: force("sandbox.web"),
			want: "replace web: its replacement was requested | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.web lifts it)",
		},
		{
			name: "of what is not there", spec: "sandboxes: {web: {}}", then: "web gone", opts: force("sandbox.web"),
			want: "create web | create",
		},
		{
			name: "of what failed and is only reported", spec: "sandboxes: {web: {on_error: report}}", then: "web error: x", opts: force("sandbox.web"),
			want: "replace web: its replacement was requested | delete create",
		},
		{
			name: "of a snapshot", spec: "snapshots: {base: {image: 'a:1'}}\nsandboxes: {web: {snapshot: base}}", opts: force("snapshot.base"),
			want: `
			replace snapshot.base: its replacement was requested | delete create
			no-op web
			` + whileReplaced,
		},
		{
			name: "of a volume in use", spec: "volumes: {v: {}}\nsandboxes: {web: {volumes: [{volume: v, mount_path: /v}]}}", opts: force("volume.v"),
			want: "replace volume.v: its replacement was requested | delete create | illegal: sandbox.web uses it, and a volume in use cannot be deleted (take it out of that sandbox first)\nno-op web",
		},
		{
			name: "of one that was replaced already", spec: "sandboxes: {web: {}}",
			opts: Options{Replace: selectors(t, "sandbox.web"), ReplaceIDs: map[spec.Address]string{sandboxAddress("web"): "id-of-the-old-one"}},
			want: "no-op web",
		},
	})
	f := parse(t, "sandboxes: {web: {adopt: true}}")
	w := newWorld(t, f)
	w.applyEvent(t, f, "web unowned")
	_, err := Compute(f, w, force("sandbox.web"))
	same(t, "error", err.Error(), "--replace sandbox.web: no fleet owns it; adopt it first")
}

// Guards count the selected steps and compare them with the whole fleet.
func TestBlastRadiusCountsSelectedSteps(t *testing.T) {
	was, now := boxes("w", 30), "sandboxes: {w0: {}}"
	all := story{was: was, spec: now}.plan(t)
	same(t, "all are blocked", len(all.Blocked()), 29)
	some := story{was: was, spec: now, opts: Options{Select: Selection{Targets: selectors(t, "sandbox.w1?")}}}.plan(t)
	same(t, "ten are not", len(some.Blocked()), 0)
	same(t, "destroys", some.DestroyCount(), 10)
	more := story{was: was, spec: now, opts: Options{Select: Selection{Targets: selectors(t, "sandbox.w1*")}}}.plan(t)
	same(t, "eleven are", len(more.Blocked()), 11)
	one := story{was: boxes("w", 2), spec: now, opts: Options{Select: Selection{Targets: selectors(t, "sandbox.w1")}}}.plan(t)
	same(t, "one of two is not all", len(one.Blocked()), 0)
}

func TestSelectors(t *testing.T) {
	for _, text := range []string{"web", "sandboxes.web", "sandbox.", "sandbox.w[3..1]", "sandbox.w[a..b]", "sandbox.w[1..2", "=a", "a=b,,c=d", ""} {
		if s, err := ParseSelector(text); err == nil {
			t.Errorf("%q was read as %+v", text, s)
		}
	}
	for _, test := range []struct {
		labels string
		match  []string
	}{
		{"a=1", []string{"a"}},
		{"a==1", []string{"a"}},
		{"a!=1", []string{"ab", "none"}},
		{"a", []string{"a", "ab"}},
		{"!a", []string{"none"}},
		{"a=2, b=", []string{"ab"}},
		{"a,!b", []string{"a"}},
	} {
		l, err := ParseLabelRequirements(test.labels)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, c := range []struct {
			name   string
			labels map[string]string
		}{{"a", map[string]string{"a": "1"}}, {"ab", map[string]string{"a": "2", "b": ""}}, {"none", nil}} {
			if l.Matches(c.labels) {
				got = append(got, c.name)
			}
		}
		same(t, test.labels, got, test.match)
	}
}

// TestSelectedPlansHoldNothingElse selects random steps: the plan must contain exactly
// these and the steps that they need, as in the whole plan.
func TestSelectedPlansHoldNothingElse(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		f, w, opts := random(rt, t)
		opts.AllowDestroy = 1000
		whole := mustCompute(f, w, opts)
		picked := map[spec.Address]bool{}
		among := AddressFilter{Source: "test"}
		for _, s := range whole.Steps {
			if rapid.Bool().Draw(rt, s.Address.String()) {
				picked[s.Address] = true
				among.Addresses = append(among.Addresses, s.Address)
			}
		}
		opts.Select.AddressFilters = []AddressFilter{among}
		part := mustCompute(f, w, opts)
		orderly(t, part)
		steps := map[spec.Address]*Step{}
		for _, s := range whole.Steps {
			steps[s.Address] = s
		}
		has := map[spec.Address]bool{}
		for _, s := range part.Steps {
			has[s.Address] = true
			is, was := *s, *steps[s.Address]
			is.NeededBy = spec.Address{}
			is.After = was.After
			if s.IsFormerVersion() && s.Action == NoOp && s.RetainedReason != was.RetainedReason && (was.Action == Delete || was.Action == NoOp) {
				// It has more users, or no successor: what is not selected stays as it is.
				if !regexp.MustCompile(` uses? it$|does not create the new version$`).MatchString(s.RetainedReason) {
					rt.Fatalf("%s is retained: %s", s.Address, s.RetainedReason)
				}
				is, was = Step{}, Step{}
			}
			same(t, "step", line(&is), strings.Replace(line(&was), "the fleet is destroyed", "this part of the fleet is destroyed", 1))
			if !picked[s.Address] && s.Action != NoOp && !has[s.NeededBy] && !slices.ContainsFunc(part.Steps, func(o *Step) bool { return o.Address == s.NeededBy }) {
				rt.Fatalf("%s was neither selected nor needed", s.Address)
			}
		}
		for a := range picked {
			if !has[a] {
				rt.Fatalf("%s is selected and missing", a)
			}
		}
		for _, s := range part.Steps { // the resources that a creation refers to exist
			if s.Blocked != nil || s.Action != Create && s.Action != Replace {
				continue
			}
			for _, a := range steps[s.Address].After {
				if need := s.Want.DependsOn; slices.Contains(need, a) && !has[a] {
					rt.Fatalf("%s is made without %s", s.Address, a)
				}
			}
		}
		if c := part.Counts(); c.NotSelected+len(part.Steps) != len(whole.Steps) {
			rt.Fatalf("%d steps of %d, %d not selected", len(part.Steps), len(whole.Steps), c.NotSelected)
		}
		if t.Failed() {
			rt.Fatalf("\n%s\n\n%s", lines(whole), lines(part))
		}
	})
}
