package plan

import (
	"slices"
	"strings"
	"testing"

	"fleet/spec"
)

// parseFor parses a spec for one of its environments, prod and dev.
func parseFor(t *testing.T, environment, text string) *spec.Fleet {
	t.Helper()
	head := "version: 1\nname: " + fleetName + "\nenvironments: {prod: {}, dev: {}}\n"
	f, err := spec.Options{Environment: environment}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(head + text)})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

const environmentSpec = `
snapshots: {base: {image: "python:3.12"}}
volumes: {cache: {}}
sandboxes:
  web: {snapshot: base}
  worker: {snapshot: daytona-small, count: 2}
  kept: {snapshot: daytona-small, on_remove: stop}
`

// TestOtherEnvironment plans for an environment with sandboxes that are labelled for the
// same, another or no environment.
func TestOtherEnvironment(t *testing.T) {
	unlabelled := func(w *World) {
		for _, o := range w.Objects[spec.SandboxKind] {
			delete(o.Labels, spec.EnvironmentLabel)
		}
	}
	tests := []struct {
		name     string
		was, now string
		spec     string // the current spec; empty: the applied one
		opts     Options
		change   func(*World)
		blocked  bool
	}{
		{"the same", "prod", "prod", "", Options{}, nil, false},
		{"the same, changed", "prod", "prod", "sandboxes: {web: {snapshot: daytona-medium}}", Options{AllowDestroy: 9}, nil, false},
		{"another, and nothing else changes", "prod", "dev", "", Options{}, nil, true},
		{"none, and nothing else changes", "prod", "", "", Options{}, nil, true},
		{"none, with less", "prod", "", "sandboxes: {web: {snapshot: daytona-medium}}", Options{AllowDestroy: 9}, nil, true},
		{"another is destroyed", "prod", "dev", "", Options{Destroy: true, DestroyVolumes: true}, nil, true},
		{"the same is destroyed", "prod", "prod", "", Options{Destroy: true, DestroyVolumes: true}, nil, false},
		{"unknown", "prod", "dev", "", Options{}, unlabelled, false},
		{"unknown is destroyed", "prod", "", "", Options{Destroy: true}, unlabelled, false},
		{"labelled for none", "", "prod", "", Options{}, nil, false},
		{"one of many is another's", "prod", "dev", environmentSpec + "  more: {snapshot: daytona-small}\n", Options{}, func(w *World) {
			unlabelled(w)
			w.Objects[spec.SandboxKind][0].Labels[spec.EnvironmentLabel] = "prod"
		}, true},
		{"a surplus one is another's", "prod", "prod", "sandboxes: {web: {snapshot: daytona-small}}", Options{}, func(w *World) {
			for _, o := range w.Objects[spec.SandboxKind] {
				if o.Name == "kept" {
					o.Labels[spec.EnvironmentLabel] = "dev"
				}
			}
		}, true},
		{"protection gives way", "prod", "dev", "sandboxes: {web: {snapshot: daytona-medium, protect: true}}", Options{}, nil, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text := environmentSpec
			w := newWorld(t, parseFor(t, test.was, text))
			if test.change != nil {
				test.change(w)
			}
			if test.spec != "" {
				text = test.spec
			}
			f := parseFor(t, test.now, text)
			p := mustCompute(f, w, test.opts)
			for _, s := range p.Steps {
				is := s.Blocked != nil && s.Blocked.Kind == Environment
				if is != (test.blocked && s.Action != NoOp) {
					t.Errorf("%s %s: blocked %+v", s.Action, s.Address, s.Blocked)
				}
				if test.blocked && s.Action == NoOp && s.Address.Kind == spec.SandboxKind && s.Have.Environment() != "" {
					t.Errorf("%s is another environment's, and passes for unchanged", s.Address)
				}
			}
			same(t, "something is blocked", slices.ContainsFunc(p.Steps, func(s *Step) bool { return s.Blocked != nil && s.Blocked.Kind == Environment }), test.blocked)

			test.opts.AllowEnvironmentChange = true
			for _, s := range mustCompute(f, w, test.opts).Steps {
				if s.Blocked != nil && s.Blocked.Kind == Environment {
					t.Errorf("%s: blocked though it is allowed", s.Address)
				}
			}
		})
	}
}

// Sandboxes that an older version of fleet created have no label for the environment.
// They are not changed.
func TestUnlabelledEnvironment(t *testing.T) {
	f := parseFor(t, "prod", environmentSpec)
	w := newWorld(t, f)
	for _, o := range w.Objects[spec.SandboxKind] {
		delete(o.Labels, spec.EnvironmentLabel)
	}
	same(t, "empty", mustCompute(f, w, Options{}).Empty(), true)
}

// TestEnvironmentIsRewritten checks that a permitted change of the environment rewrites
// the labels, and that the next plan is empty.
func TestEnvironmentIsRewritten(t *testing.T) {
	for _, now := range []string{"dev", ""} {
		w := newWorld(t, parseFor(t, "prod", environmentSpec))
		f := parseFor(t, now, environmentSpec)
		p := mustCompute(f, w, Options{AllowEnvironmentChange: true})
		for _, s := range p.Steps {
			if s.Address.Kind != spec.SandboxKind {
				continue
			}
			same(t, "action", s.Action, Update)
			same(t, "labels are written", s.hasVerb(DoLabel), true)
			same(t, "change", s.Changes[0].Attribute, "environment")
			s.Have.Labels = s.Want.Labels(f.Name, s.Have.Labels)
			same(t, "label", s.Have.Environment(), now)
		}
		same(t, "the next plan is empty", mustCompute(f, w, Options{}).Empty(), true)
	}
}

// TestEnvironmentBlock checks the texts of the block.
func TestEnvironmentBlock(t *testing.T) {
	w := newWorld(t, parseFor(t, "prod", environmentSpec))
	w.Objects[spec.SandboxKind][0].Labels[spec.EnvironmentLabel] = "retired"
	b := *mustCompute(parseFor(t, "dev", environmentSpec), w, Options{}).Blocked()[0].Blocked
	same(t, "reason", b.Reason, `4 sandboxes of the fleet belong to the environment "prod" and "retired", and this run is for the environment "dev"`)
	same(t, "unblock", b.Unblock, "run it with -e prod; or --allow-environment-change allows it")
	b = *mustCompute(parseFor(t, "", environmentSpec), w, Options{}).Blocked()[0].Blocked
	same(t, "the run is named", strings.HasSuffix(b.Reason, ", and this run is without -e"), true)
}
