package spec

import (
	"path/filepath"
	"strings"
	"testing"
)

const upToText = "version: 1\nname: demo\nsandboxes:\n  web:\n    snapshot: base\n    env_vars:\n      A: "

// envOf returns the desired value of variable A, and whether an object with the
// value have matches it, by its fingerprint and by value.
func envOf(t *testing.T, text string, have string) (want string, same bool) {
	t.Helper()
	f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	r, row := f.Resources[0], sandboxTable.find("env_vars")
	attrs := attributes{{nameRow, "web"}, {row, map[string]string{"A": have}}}
	sealed := r.FingerprintComplete(Object{Labels: map[string]string{FleetLabel: "demo", FingerprintLabel: seal(nil, attrs)}})
	diff := r.Diff(Object{Attrs: Attrs{set: attributes{{nameRow, "web"}, {snapshotRow, "base"}, {row, attrs.get(row)}}}, FullyRead: true}, Facts{})
	if sealed == (len(diff) > 0) {
		t.Errorf("%q: sealed %t, diff %v", text, sealed, keysOf(diff))
	}
	return r.attrs.get(row).(map[string]string)["A"], sealed
}

// TestCutOffText: a text at the end of a spec is what the parser reads, and
// counts as the same with and without the last line break.
func TestCutOffText(t *testing.T) {
	for _, c := range []struct {
		text, want, have string
		same             bool
	}{
		{"|\n        b", "b", "b\n", true},
		{"|\n        b\n", "b\n", "b", true},
		{"|\r\n        b\r\n", "b\n", "b", true},
		{"|\n        b\n        c", "b\nc", "b\nc\n", true},
		{">\n        b\n        c", "b c", "b c\n", true},
		{"|+\n        b", "b", "b\n", true},
		{"|+\n        b\n\n", "b\n\n", "b\n", true},
		{"|+\n        b\n\n", "b\n\n", "b", false},
		{"|\n        b", "b", "b\n\n", false},
		{"|\n        b", "b", "c\n", false},
		{"|-\n        b", "b", "b\n", false},
		{"|-\n        b\n", "b", "b\n", false},
		{"|\n        b\n\n", "b\n", "b", false},
		{"|\n        b\n    name: web\n", "b\n", "b", false},
		{"|\n        b\n# end", "b\n", "b", false},
		{"|\n        b\n...", "b\n", "b", false},
		{`"b\n"`, "b\n", "b", false},
		{"b", "b", "b\n", false},
	} {
		want, same := envOf(t, upToText+c.text, c.have)
		if want != c.want || same != c.same {
			t.Errorf("%q is %q, and with %q the same: %t; want %q, %t", c.text, want, c.have, same, c.want, c.same)
		}
	}
}

// TestCutOffWarning: only a file that lacks the line break is warned of, where
// the text begins, and a comment there acknowledges it.
func TestCutOffWarning(t *testing.T) {
	for text, warned := range map[string]bool{
		"|\n        b": true, ">+ # c\n        b": true, "!!str |\n        b": true,
		"|\n        b\n": false, "|-\n        b": false, "b": false, "| # fleet:ignore no-final-newline\n        b": false,
	} {
		f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(upToText + text)})
		check(t, err)
		told := f.Warnings.Error()
		if warned != strings.Contains(told, "[no-final-newline]") || warned && !strings.HasPrefix(told, "fleet.yaml:7:10: warning: the file ends within this text") {
			t.Errorf("%q: %s", text, told)
		}
	}
}

// TestCutOffFiles: the same holds for values of other files.
func TestCutOffFiles(t *testing.T) {
	const spec = "version: 1\nname: demo\nvars: {a: {default: x}}\nsandboxes: {web: {env_vars: {A: '${var.a}', B: {from_file: secret, key: b}}}}\n"
	for _, end := range []string{"", "\n"} {
		dir := folder(t, map[string]string{"fleet.yaml": spec, "vars": "a: |\n  one" + end, "secret": "b: |\n  two" + end})
		f, err := Options{VarFiles: []string{filepath.Join(dir, "vars")}}.Load(filepath.Join(dir, "fleet.yaml"))
		check(t, err)
		r, row := f.Resources[0], sandboxTable.find("env_vars")
		same(t, "value", r.attrs.get(row), any(map[string]string{"A": "one" + end, "B": "two" + end}))
		same(t, "warned", len(f.Warnings) == 1, end == "")
		for have, changed := range map[string]bool{"": false, "\n": false, "\n\n": true} {
			o := Object{Attrs: Attrs{set: attributes{{nameRow, "web"}, {row, map[string]string{"A": "one" + have, "B": "two" + have}}}}, FullyRead: true}
			same(t, "changed", len(r.Diff(o, Facts{})) > 0, changed)
		}
	}
}
