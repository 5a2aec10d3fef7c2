package spec

import (
	"strings"
	"testing"
)

// Extension fields may hold anything, in any number of files, and are ignored but for
// their anchors.
func TestExtensionFields(t *testing.T) {
	f := mustParse(t, `
x-base: &base
  snapshot: daytona-small
  auto_stop_interval: 7
x-list: [1, {a: "${var.unknown}"}, null]
x-: text
sandboxes:
  a: *base
  b: {<<: *base, auto_stop_interval: 9}
environments:
  prod:
    x-note: "of the environment"
    sandboxes: {b: {auto_stop_interval: 11}}
`)
	if got := len(f.Resources); got != 2 {
		t.Errorf("got %d resources", got)
	}
	for address, want := range map[string]string{"sandbox.a": "7", "sandbox.b": "9"} {
		v, _ := get(t, f, address).attrs.lookup(autoStopRow)
		if got := autoStopRow.Format(v); got != want {
			t.Errorf("%s: got %s, want %s", address, got, want)
		}
	}
}

// What only resembles an extension field, or is below the top, is an unknown key.
func TestNoExtensionFields(t *testing.T) {
	for _, text := range []string{"X-base: 1\n", "x_base: 1\n", "x: 1\n", "\"-x\": 1\n", "sandboxes: {a: {x-note: 1, snapshot: s}}\n"} {
		_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\n" + text)})
		if err == nil || !strings.Contains(err.Error(), "unknown") {
			t.Errorf("%q: got %v", text, err)
		}
	}
}
