package spec

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
)

// sentinel is a sensitive value. No part of it may be shown. It has characters at which
// texts are quoted, split and trimmed.
const sentinel = `s3ntinel "a", s3ntinel-b <s3ntinel>`

// sensitiveWays are the ways to make a value sensitive: the YAML of the value, and the
// rest of the spec that it needs.
var sensitiveWays = map[string]struct{ value, beside string }{
	"a variable":              {`"${var.token}"`, `vars: {token: {sensitive: true, default: 's3ntinel "a", s3ntinel-b <s3ntinel>'}}`},
	"a part of a text":        {`"a${var.token}"`, `vars: {token: {sensitive: true, default: 's3ntinel "a", s3ntinel-b <s3ntinel>'}}`},
	"a variable of another":   {`"${var.other.0}"`, `vars: {token: {sensitive: true}, other: {default: ["${var.token}"]}}`},
	"an encrypted file":       {`"${var.sealed}"`, `vars: {sealed: {type: string}}`},
	"an environment variable": {`{from_env: TOKEN}`, ""},
	"a given variable":        {`"${var.given}"`, `vars: {given: {}}`},
	"a given environment":     {`"${env.TOKEN}"`, `env: [TOKEN]`},
	"a file":                  {`{from_file: token}`, ""},
	"a part of a file":        {`{from_file: sealed.yaml, key: sealed}`, ""},
	"a command":               {`{from_command: [token]}`, ""},
}

// sensitiveOptions set the values of all of them.
func sensitiveOptions(beside string) Options {
	o := Options{
		Lookup: func(name string) (string, bool) { return sentinel, name == "TOKEN" },

		SensitiveEnv: func(name string) bool { return name == "TOKEN" },
		Run:          func([]string) ([]byte, error) { return []byte(sentinel + "\n"), nil },
		Decrypt:      func(string) ([]byte, error) { return fmt.Appendf(nil, "sealed: %q\n", sentinel), nil },
	}
	if strings.Contains(beside, "sealed") {
		o.VarFiles = []string{"sealed.yaml"}
	}
	if strings.Contains(beside, "token: {sensitive: true}") {
		o.Vars = []Var{{Name: "token", Value: sentinel, From: "--var token"}}
	}
	if strings.Contains(beside, "given: {}") {
		o.Vars = []Var{{Name: "given", Value: sentinel, From: "a Secret", Sensitive: true}}
	}
	return o
}

// sensitiveSpecs has every place of a spec that accepts a text, marked by %s.
func sensitiveSpecs() map[string]string {
	specs := map[string]string{
		"target":      "target: %s\nsandboxes: {web: {}}\n",
		"owns":        "owns: {snapshots: [%s]}\n",
		"removed":     "removed: [%s]\n",
		"volume name": "volumes: {v: {name: %s}}\n",
		"for_each":    "sandboxes: {web: {for_each: {a: %s}, os_user: \"${each.value}\", labels: {a: \"${each.value}\"}}}\n",
		"keys":        "sandboxes: {web: {for_each: [%s]}}\n",
		"defaults":    "defaults: {sandboxes: {labels: {a: %s}, language: %s}}\nsandboxes: {web: {}, api: {}}\n",
		"template":    "templates: {sandboxes: {t: {labels: {a: %s}}}}\nsandboxes: {web: {extends: t, labels: {b: x}}}\n",
		"mount":       "sandboxes: {web: {volumes: [{volume: %s, mount_path: /x}]}}\n",
		"mount path":  "sandboxes: {web: {volumes: [{volume: v, mount_path: %s, subpath: %s}]}}\n",
		"nothing":     "vars: %s\nsandboxes: %s\n",
	}
	for _, start := range []string{"base: %s", "dockerfile: %s", "debian_slim: %s"} {
		specs["image "+start] = "images: {i: {" + start + "}}\nsandboxes: {web: {image: i}}\n"
	}
	for _, step := range []string{"run_commands: [%s]", "run_commands: [[%s, x]]", "pip_install: %s", "pip_install: [%s]", "env: {A: %s}", "workdir: %s", "entrypoint: [%s]", "cmd: [%s]"} {
		specs["step "+step] = "images: {i: {base: 'alpine:3.20', steps: [" + step + "]}}\nsandboxes: {web: {image: i}}\nsnapshots: {s: {image: i}}\n"
	}
	for kind, table := range Tables {
		for _, a := range table {
			if a.Role == Derived {
				continue
			}
			parts := strings.Split(a.Key, ".")
			for i, shape := range []string{"%s", "[%s, %s]", "{A: %s}", "{A: {B: %s}}", "[{A: %s}]"} {
				value := shape
				for _, p := range slices.Backward(parts) {
					value = "{" + p + ": " + value + "}"
				}
				specs[fmt.Sprintf("%s %s %d", kind, a.Key, i)] = kind.Section() + ": {web: " + value + "}\n"
			}
		}
	}
	return specs
}

// TestSensitiveValuesAreNotTold uses a sensitive value in every place that accepts a text,
// and searches for it in errors and differences.
func TestSensitiveValuesAreNotTold(t *testing.T) {
	t.Chdir(t.TempDir())
	check(t, os.WriteFile("token", []byte(sentinel+"\n"), 0o600))
	check(t, os.WriteFile("sealed.yaml", []byte("sealed: ENC[x]\nsops: {mac: x}\n"), 0o600))
	right := 0
	specs := sensitiveSpecs()
	for way, w := range sensitiveWays {
		for _, place := range slices.Sorted(maps.Keys(specs)) {
			where := place + " by " + way
			text := "version: 1\nname: demo\n" + w.beside + "\n" + strings.ReplaceAll(specs[place], "%s", w.value)
			f, err := sensitiveOptions(w.beside).Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
			var ms Diagnostics
			switch {
			case err == nil:
				right++
				lookForDifferences(t, where, f)
			case !errors.As(err, &ms):
				t.Fatalf("%s: %v", where, err)
			default:
				lookFor(t, where, err.Error())
			}
		}
	}
	if right < 50 {
		t.Errorf("only %d of the specs are right", right)
	}
}

// lookFor fails if a part of the sentinel is shown.
func lookFor(t *testing.T, where, text string) {
	t.Helper()
	// A sensitive default is part of the file, and is hidden there too.
	if strings.Contains(text, "s3ntinel") {
		t.Errorf("%s: the value is shown:\n%s", where, text)
	}
}

func lookForDifferences(t *testing.T, where string, f *Fleet) {
	t.Helper()
	for _, r := range f.Resources {
		other := Object{Labels: map[string]string{"a": "other", ManagedLabelsLabel: "a"}, FullyRead: true}
		for _, d := range r.Diff(other, Facts{}) {
			have, want := d.Format()
			if d.Attr.Key != nameRow.Key { // names are shown; see below
				lookFor(t, where, have+want)
			}
		}
		for _, d := range r.Diff(Object{}, Facts{}) {
			have, want := d.Format()
			if d.Attr.Key != nameRow.Key {
				lookFor(t, where, have+want)
			}
		}
		if len(f.Sensitive()) > 0 { // labels: {from_env: x} is a label
			lookFor(t, where, r.Redact("the server says: "+sentinel))
			lookFor(t, where, r.Redact(fmt.Sprintf("the server says: %q", sentinel)))
		}
	}
}

// TestLinesOfSensitiveTexts: a key of several lines is shown by lines where it
// is part of an error.
func TestLinesOfSensitiveTexts(t *testing.T) {
	o := Options{Lookup: func(string) (string, bool) { return "-----BEGIN KEY-----\n  MIIEvQIBADANBg\n-----END KEY-----", true }}
	f, err := o.Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes: {web: {env_vars: {KEY: {from_env: KEY}}}}\n")})
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"line 2 is wrong: MIIEvQIBADANBg", "-----BEGIN KEY-----\n      MIIEvQIBADANBg"} {
		if shown := f.Redact(text); strings.Contains(shown, "MIIE") {
			t.Errorf("%q is shown as %q", text, shown)
		}
	}
}

// TestPasswordsAreNoExpressions: a password that looks like an expression is
// not repeated.
func TestPasswordsAreNoExpressions(t *testing.T) {
	for _, password := range []string{"x${hunter2}y", "${hunter2:x}", "${hun ter2}", "${hunter2", "${a.hunter2}", "${hunter2:-${hunter2}}"} {
		for _, m := range mistakesIn(t, `env_vars: {TOKEN: "`+password+`"}`) {
			if strings.Contains(m.Error()+m.Excerpt(), "unter2") || strings.Contains(m.Error(), "ter2") {
				t.Errorf("%s is repeated: %s\n%s", password, m.Error(), m.Excerpt())
			}
		}
	}
}

// TestSensitiveOverrides: an environment's value of a sensitive variable is also hidden in
// its own file, in any notation.
func TestSensitiveOverrides(t *testing.T) {
	const base = "version: 1\nname: demo\nsandboxes: {web: {labels: {a: \"${var.a}\"}}}\n"
	for _, text := range []string{
		"vars: {a: {sensitive: true, default: x}}\nenvironments: {prod: {vars: {a: hunter2}, sandboxes: {web: {public: 1}}}}\n",
		"vars: {a: {sensitive: true, default: x}}\nenvironments: {prod: {vars: {a: {default: hunter2}}, sandboxes: {web: {public: 1}}}}\n",
		"vars: {a: hunter2, b: {type: x}}\nenvironments: {prod: {vars: {a: {sensitive: true}}}}\n",
		"vars: {a: {default: hunter2, sensitive: true, max: x}}\n",
		"vars: {a: {default: hunter2, pattern: x, sensitive: true}}\n",
		"vars: {a: {default: hunter2, one_of: [x], sensitive: true}}\n",
		"vars: {a: {default: [hunter2], type: number, sensitive: true}}\n",
	} {
		_, err := Options{Environment: map[bool]string{true: "prod"}[strings.Contains(text, "prod")]}.Parse(Source{Name: "fleet.yaml", Text: []byte(base + text)})
		if err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s\n%v", text, err)
		}
	}
}
