package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestReadRules(t *testing.T) {
	file := filepath.Join(t.TempDir(), "rules.yaml")
	if err := os.WriteFile(file, []byte("spare_active: 1h\nrules:\n  - {older_than: 7d, action: stop}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	valid := ruleOptions{kind: "sandbox", owner: "fleet", action: "delete"}
	for _, tt := range []struct {
		name    string
		change  func(*ruleOptions)
		changed string // names of the flags that are given
		rules   int
		spare   time.Duration
		problem string // a part of the error; empty if there is none
	}{
		{"none", func(*ruleOptions) {}, "", 0, 0, ""},
		{"one by flags", func(o *ruleOptions) { o.idleFor = "2d" }, "idle-for", 1, 0, ""},
		{"spare", func(o *ruleOptions) { o.idleFor, o.spareActive = "2d", "30m" }, "idle-for", 1, 30 * time.Minute, ""},
		{"a file", func(o *ruleOptions) { o.file = file }, "", 1, time.Hour, ""},
		{"the flag outranks the file", func(o *ruleOptions) { o.file, o.spareActive = file, "30m" }, "", 1, 30 * time.Minute, ""},
		{"both", func(o *ruleOptions) { o.file = file }, "kind action", 0, 0, "--rules and --kind, --action are mutually exclusive"},
		{"no age", func(o *ruleOptions) { o.olderThan = "old" }, "older-than", 0, 0, "--older-than: "},
		{"no label", func(o *ruleOptions) { o.labels = []string{"x"} }, "label", 0, 0, "--label requires KEY=PATTERN"},
		{"no action", func(o *ruleOptions) { o.action = "eat" }, "action", 0, 0, "eat"},
		{"no spare", func(o *ruleOptions) { o.spareActive = "long" }, "", 0, 0, "--spare-active: "},
	} {
		o := valid
		tt.change(&o)
		given := strings.Fields(tt.changed)
		rules, err := o.read(t.Context(), func(flag string) bool { return slices.Contains(given, flag) })
		switch {
		case (err == nil) != (tt.problem == "") || err != nil && !strings.Contains(err.Error(), tt.problem):
			t.Errorf("%s: %v, want %q", tt.name, err, tt.problem)
		case err == nil && (len(rules.Rules) != tt.rules || rules.SpareActive != tt.spare):
			t.Errorf("%s: %d rules, spare %s", tt.name, len(rules.Rules), rules.SpareActive)
		}
	}
}
