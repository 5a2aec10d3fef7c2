package format

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
	"fleet/spec"
)

// suite is the directory of the public YAML test suite, next to the repository.
const suite = "../../../shared/yaml-test-suite/src"

// A suiteCase is a text of the YAML test suite.
type suiteCase struct {
	name string
	text []byte
}

// suiteCases returns the texts of the YAML test suite, or none if it is not there.
func suiteCases(t *testing.T) []suiteCase {
	t.Helper()
	files, _ := filepath.Glob(filepath.Join(suite, "*.yaml"))
	var list []suiteCase
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct{ YAML string }
		if err := yaml.Unmarshal(text, &cases); err != nil {
			t.Fatal(err)
		}
		for _, c := range cases {
			list = append(list, suiteCase{filepath.Base(file), []byte(unmarked(c.YAML))})
		}
	}
	return list
}

// TestSuite checks the laws on the texts of the YAML test suite. A text that is not
// formatted either is not YAML, or its meaning would change.
func TestSuite(t *testing.T) {
	cases := suiteCases(t)
	if len(cases) == 0 {
		t.Skip("the YAML test suite is not there")
	}
	read, formatted := 0, 0
	for _, c := range cases {
		_, err := yamldoc.Parse(spec.Source{Text: c.text})
		out, wrong := Source(c.text)
		if err != nil {
			if wrong == nil || wrong.Error() != err.Error() {
				t.Errorf("%s: read: %v, formatted: %v", c.name, err, wrong)
			}
			continue
		}
		read++
		if wrong == nil {
			formatted++
			checkLaws(t, c.text)
		} else if out != nil || !strings.Contains(wrong.Error(), "without changing its meaning") {
			t.Errorf("%s: %v", c.name, wrong)
		}
	}
	if read < 200 || formatted < read*3/4 {
		t.Errorf("%d are read and %d formatted", read, formatted)
	}
}

var (
	tabMark = regexp.MustCompile(`—*»`)
	marks   = strings.NewReplacer("␣", " ", "←", "\r", "⇔", "\ufeff", "↵", "")
)

// unmarked is a text of the suite without the marks for what cannot be seen.
func unmarked(text string) string {
	text = marks.Replace(tabMark.ReplaceAllString(text, "\t"))
	return strings.Replace(text, "∎\n", "", 1)
}
