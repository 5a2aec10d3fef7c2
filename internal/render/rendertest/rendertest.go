// Package rendertest has what tests of output share: golden files, and steps of
// plans.
package rendertest

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// Golden compares got with a file of testdata, or with -update writes it there.
// Control sequences are written as <codes>, so that the files are readable.
func Golden(t *testing.T, file, got string) {
	t.Helper()
	got = readable(got)
	file = filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	Same(t, file, got, string(want))
}

func readable(s string) string {
	parts := strings.Split(s, "\x1b[")
	for i, p := range parts[1:] {
		codes, rest, _ := strings.Cut(p, "m")
		if codes == "K" || strings.HasPrefix(p, "K") {
			codes, rest = "K", p[1:]
		}
		parts[i+1] = "<" + codes + ">" + rest
	}
	return strings.ReplaceAll(strings.Join(parts, ""), "\r", "<cr>")
}

// Same reports an error with the difference between got and want.
func Same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// Step returns a step of a sandbox.
func Step(key string, a plan.Action) *plan.Step {
	return &plan.Step{Address: spec.Address{Kind: spec.SandboxKind, Key: key}, Action: a, Name: key, Timeout: time.Minute}
}

// With changes a step and returns it.
func With(s *plan.Step, change func(s *plan.Step)) *plan.Step {
	change(s)
	return s
}

// Because sets the reason of a step.
func Because(reason string) func(*plan.Step) {
	return func(s *plan.Step) { s.Reason = reason }
}

// Blocked blocks a step.
func Blocked(kind plan.BlockKind, reason, unblock string) func(*plan.Step) {
	return func(s *plan.Step) { s.Blocked = &plan.Block{Kind: kind, Reason: reason, Unblock: unblock} }
}

// Retained sets why a step leaves an object as it is.
func Retained(what string) func(*plan.Step) {
	return func(s *plan.Step) { s.RetainedReason = what }
}

// Loses sets the data that a step loses.
func Loses(what string) func(*plan.Step) {
	return func(s *plan.Step) { s.DataLoss = what }
}

// Changes sets the changes of a step.
func Changes(list ...plan.Change) func(*plan.Step) {
	return func(s *plan.Step) { s.Changes = list }
}

// Verbs adds operations to a step.
func Verbs(list ...plan.Verb) func(*plan.Step) {
	return func(s *plan.Step) {
		for _, v := range list {
			s.Ops = append(s.Ops, plan.Op{Verb: v})
		}
	}
}

// All combines changes of a step.
func All(changes ...func(*plan.Step)) func(*plan.Step) {
	return func(s *plan.Step) {
		for _, c := range changes {
			c(s)
		}
	}
}

// Plan returns a plan of steps.
func Plan(steps ...*plan.Step) *plan.Plan { return &plan.Plan{Fleet: "demo", Steps: steps} }

// Uncoloured returns a text without its colours.
func Uncoloured(s string) string {
	parts := strings.Split(s, "\x1b[")
	for i, p := range parts[1:] {
		_, parts[i+1], _ = strings.Cut(p, "m")
	}
	return strings.Join(parts, "")
}

// Working returns the event of an operation that starts.
func Working(s *plan.Step, v plan.Verb) apply.Event {
	return apply.Event{Phase: apply.Working, Step: s, Verb: v}
}

// Ended returns the event of a step that ended.
func Ended(s *plan.Step, phase apply.Phase, err error) apply.Event {
	return apply.Event{Phase: phase, Step: s, Err: err, Duration: 1500 * time.Millisecond}
}

// Run returns the events of a run of three steps.
func Run() []apply.Event {
	web, db, side := Step("web", plan.Create), Step("db", plan.Replace), Step("side", plan.Create)
	return []apply.Event{
		Working(web, plan.DoCreate), Working(db, plan.DoDelete),
		Ended(web, apply.Done, nil), Working(db, plan.DoCreate),
		Ended(db, apply.Failed, errors.New("the build failed\nstep 3")),
		Ended(side, apply.Skipped, errors.New("sandbox.db was not done")),
	}
}
