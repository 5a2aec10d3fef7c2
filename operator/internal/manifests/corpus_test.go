package manifests

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
	"k8s.io/apimachinery/pkg/util/json"
	"sigs.k8s.io/yaml"

	"fleet/spec"
)

// repository is the directory of the repository.
const repository = "../../.."

// A specText is a spec of one document.
type specText struct {
	name string
	text []byte
}

// acceptedSpecs returns the examples, and the specs of test archives, that fleet accepts as
// they are.
func acceptedSpecs(t *testing.T) []specText {
	t.Helper()
	var all []specText
	for _, pattern := range []string{"examples/*.yaml", "spec/testdata/good/*.yaml"} {
		for _, name := range matching(t, pattern) {
			if text := readFile(t, name); accepts(name) {
				all = append(all, specText{name, text})
			}
		}
	}
	for _, pattern := range []string{"spec/testdata/good/*.txtar", "testdata/script/*.txtar"} {
		for _, name := range matching(t, pattern) {
			all = append(all, inArchive(t, name)...)
		}
	}
	return all
}

// inArchive returns the specs in an archive that fleet accepts.
func inArchive(t *testing.T, name string) []specText {
	t.Helper()
	archive, dir := txtar.Parse(readFile(t, name)), t.TempDir()
	var all []specText
	for _, f := range archive.Files {
		path := filepath.Join(dir, filepath.FromSlash(f.Name))
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".yaml") && accepts(filepath.Join(dir, filepath.FromSlash(f.Name))) {
			all = append(all, specText{name + ":" + f.Name, f.Data})
		}
	}
	return all
}

// accepts reports whether fleet accepts a spec.
func accepts(path string) bool {
	_, err := spec.Options{Unset: spec.UnsetAll}.Load(path)
	return err == nil
}

// asKubectlReads returns the value of a YAML document as kubectl sends it to a server.
func asKubectlReads(text []byte) (v any, err error) {
	asJSON, err := yaml.YAMLToJSON(text)
	if err != nil {
		return nil, err
	}
	err = json.Unmarshal(asJSON, &v)
	return v, err
}

func matching(t *testing.T, pattern string) []string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(repository, pattern))
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %v, %v", pattern, names, err)
	}
	return names
}

func readFile(t *testing.T, name string) []byte {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestAcceptedSpecsAreAccepted: the schema refuses no spec that fleet accepts, converted as
// kubectl does.
func TestAcceptedSpecsAreAccepted(t *testing.T) {
	c := newChecker(t)
	specs := acceptedSpecs(t)
	if len(specs) < 300 {
		t.Fatalf("only %d specs", len(specs))
	}
	for _, s := range specs {
		fleet, err := asKubectlReads(s.text)
		if err != nil {
			t.Logf("%s is not YAML for kubectl: %v", s.name, err)
			continue
		}
		if got := c.problems(fleetObject(fleet)); got != "" {
			t.Errorf("%s: %s", s.name, got)
		}
	}
}
