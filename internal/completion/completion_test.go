package completion

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/spec"
)

func TestValues(t *testing.T) {
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`version: 1
name: demo
volumes: {cache: {}}
sandboxes:
  web: {snapshot: s, target: asia}
  worker: {count: 11, snapshot: s}
`)})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	broken := write("broken.yaml", "vars: {b: 1, a: {}, 'x y': 1}\nsandboxes: {web: {nonsense: 1}}\n---\nvars: {c: 1}\nenvironments: {dev: {}}\n")
	noYAML := write("none.yaml", "vars: {")
	write(".hidden", "")
	if err := os.Mkdir(filepath.Join(dir, "sub"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name string
		got  []string
		want string
	}{
		{"groups", Addresses(f, ""), "sandbox.web sandbox.worker volume.cache"},
		{"a prefix", Addresses(f, "sandbox.wo"), "sandbox.worker"},
		{"members, in natural order", Addresses(f, "sandbox.worker[1"), "sandbox.worker[1] sandbox.worker[10]"},
		{"no spec", Addresses(nil, ""), ""},
		{"names", SandboxNames(f, "we"), "web"},
		{"regions", Regions(f), "asia eu us"},
		{"regions without a spec", Regions(nil), "eu us"},
		{"variables of a spec with errors", Keys("vars", []string{broken, noYAML, filepath.Join(dir, "absent"), dir}), "a b c"},
		{"environments", Keys("environments", []string{broken}), "dev"},
		{"a section that is no mapping", Keys("sandbox", []string{broken}), ""},
		{"files", Prefixed("json=", Files(dir+"/")), "json=" + dir + "/broken.yaml json=" + dir + "/none.yaml json=" + dir + "/sub/"},
		{"hidden files", Files(dir + "/.h"), dir + "/.hidden"},
		{"no directory", Files(dir + "/absent/"), ""},
	} {
		if got := strings.Join(tt.got, " "); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}
