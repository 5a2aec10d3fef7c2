package render

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/plan"
	"fleet/spec"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// golden compares got with a file of testdata, or writes it there. Escapes of
// the terminal are written as <codes>, so that the files can be read.
func golden(t *testing.T, file, got string) {
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
	same(t, file, got, string(want))
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

func same[T any](t testing.TB, what string, got, want T) {
	t.Helper()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("%s (-want +got):\n%s", what, d)
	}
}

// step is a step of a sandbox.
func step(key string, a plan.Action) *plan.Step {
	return &plan.Step{Address: spec.Address{Kind: spec.SandboxKind, Key: key}, Action: a, Name: key, Timeout: time.Minute}
}

func with(s *plan.Step, change func(s *plan.Step)) *plan.Step {
	change(s)
	return s
}

func because(reason string) func(*plan.Step) {
	return func(s *plan.Step) { s.Reason = reason }
}

func blocked(kind plan.BlockKind, reason, unblock string) func(*plan.Step) {
	return func(s *plan.Step) { s.Blocked = &plan.Block{Kind: kind, Reason: reason, Unblock: unblock} }
}

func kept(what string) func(*plan.Step) {
	return func(s *plan.Step) { s.RetainedReason = what }
}

func loses(what string) func(*plan.Step) {
	return func(s *plan.Step) { s.DataLoss = what }
}

func changes(list ...plan.Change) func(*plan.Step) {
	return func(s *plan.Step) { s.Changes = list }
}

func verbs(list ...plan.Verb) func(*plan.Step) {
	return func(s *plan.Step) {
		for _, v := range list {
			s.Ops = append(s.Ops, plan.Op{Verb: v})
		}
	}
}

func all(changes ...func(*plan.Step)) func(*plan.Step) {
	return func(s *plan.Step) {
		for _, c := range changes {
			c(s)
		}
	}
}

func plural(steps ...*plan.Step) *plan.Plan { return &plan.Plan{Fleet: "demo", Steps: steps} }
