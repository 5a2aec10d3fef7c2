package gc

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/plan"
	"fleet/spec"
)

func TestRead(t *testing.T) {
	got, err := ParseRules("gc.yaml", []byte(`
spare_active: 30m
rules:
  - name: silent
    heartbeat_label: beat
    heartbeat_max: 10m
    action: stop
  - kind: snapshot
    names: [ci-*]
    older_than: 7d
    action: delete
  - {owner: nobody, labels: {purpose: "*"}, states: error, action: archive}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := RuleSet{SpareActive: 30 * time.Minute, Rules: []Rule{
		{Name: "silent", Kind: spec.SandboxKind, Owner: OwnerFleet, HeartbeatLabel: "beat", HeartbeatMax: 10 * time.Minute, Action: plan.Stop},
		{Kind: spec.SnapshotKind, Owner: OwnerFleet, Names: []string{"ci-*"}, OlderThan: 168 * time.Hour, Action: plan.Delete},
		{Kind: spec.SandboxKind, Owner: OwnerNone, Labels: map[string]string{"purpose": "*"}, States: []string{"error"}, Action: plan.Archive},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestReadMistakes(t *testing.T) {
	for text, want := range map[string]string{
		"":          "the file is empty",
		"a: [":      "this is not YAML",
		"[]":        "expected a mapping",
		"rules: []": "there are no rules",
		"rules: {}": "expected a list of rules",
		"rule: []":  `unknown key`,
		"rules: [{idle_fro: 1h, action: delete}]":                             `rules[0].idle_fro: unknown key`,
		"rules: [{idle_for: 1 day, action: delete}]":                          `"1 day" is not a time; write one such as 90m, 36h or 7d`,
		"rules: [{idle_for: -1h, action: delete}]":                            `"-1h" is not a time`,
		"rules: [{idle_for: 1h}]":                                             "action is missing",
		"rules: [{idle_for: 1h, action: burn}]":                               `action is delete, stop or archive, not "burn"`,
		"rules: [{action: delete}]":                                           "would select everything",
		"rules: [{owner: me, idle_for: 1h, action: delete}]":                  `owner is fleet or nobody, not "me"`,
		"rules: [{owner: nobody, idle_for: 1h, action: delete}]":              "must select unowned sandboxes by name or label",
		"rules: [{kind: image, idle_for: 1h, action: delete}]":                "kind is sandbox, snapshot or volume",
		"rules: [{kind: volume, idle_for: 1h, action: delete}]":               "names is missing",
		"rules: [{kind: volume, names: [a*], action: stop}]":                  "a volume can only be deleted",
		"rules: [{kind: volume, names: [a], labels: {a: b}, action: delete}]": "a volume has no labels",
		"rules: [{names: ['*'], action: delete}]":                             `"*" is not a pattern of names`,
		"rules: [{names: ['a['], action: delete}]":                            `"a[" is not a pattern of names`,
		"rules: [{heartbeat_label: a, action: delete}]":                       "go together",
		"rules: [{duplicates: 1, action: delete}]":                            "expected true or false",
		"rules: [{idle_for: 1h, idle_for: 1h, action: delete}]":               "twice",
		"rules: [5]":                            "expected a mapping",
		"rules: [{states: {}, action: delete}]": "expected a list of texts",
	} {
		_, err := ParseRules("gc.yaml", []byte(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", text, err, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	f.Add("rules: [{idle_for: 1h, action: delete}]")
	f.Add("spare_active: &a 1d\nrules:\n  - &r {names: [a-*], action: stop}\n  - *r\n")
	f.Fuzz(func(t *testing.T, text string) {
		r, err := ParseRules("gc.yaml", []byte(text))
		if err != nil {
			return
		}
		for _, rule := range r.Rules {
			if err := rule.Check(); err != nil {
				t.Error(err)
			}
		}
	})
}
