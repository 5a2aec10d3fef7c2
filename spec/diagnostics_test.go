package spec

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestMistakes compares the diagnostics of each file, or directory of files, of
// testdata/bad with the .want file next to it.
func TestMistakes(t *testing.T) {
	entries, err := os.ReadDir("testdata/bad")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		name := strings.TrimSuffix(e.Name(), ".yaml")
		if strings.HasSuffix(name, ".want") || strings.HasSuffix(name, ".txtar") { // archives have a test of their own
			continue
		}
		t.Run(name, func(t *testing.T) {
			files := sources(t, filepath.Join("testdata/bad", e.Name()))
			_, err := Parse(files...)
			var mistakes Diagnostics
			if !errors.As(err, &mistakes) {
				t.Fatalf("Parse: %v, want mistakes", err)
			}
			golden(t, "bad/"+name+".want", err.Error()+"\n")
		})
	}
}

// sources reads the files of a path, and names them without their folder.
func sources(t testing.TB, path string) []Source {
	t.Helper()
	files, err := Options{}.Files(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []Source
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, Source{Name: filepath.Base(f), Text: text})
	}
	return list
}

// TestRulesAreTold checks that every rule is broken by a file of testdata/bad.
func TestRulesAreTold(t *testing.T) {
	wants, err := filepath.Glob("testdata/bad/*.want")
	if err != nil {
		t.Fatal(err)
	}
	var told strings.Builder
	for _, w := range wants {
		text, err := os.ReadFile(w)
		if err != nil {
			t.Fatal(err)
		}
		told.Write(text)
	}
	for _, r := range rules {
		place := r.at.Key + ": " + r.message
		if r.at == snapshotImageRow {
			place = r.message // there is no image to point at
		}
		if !strings.Contains(told.String(), place) {
			t.Errorf("no file breaks the rule %q", place)
		}
	}
}

// TestMistakesAreSorted checks the order, and that an error in defaults is reported
// once.
func TestMistakesAreSorted(t *testing.T) {
	_, err := Parse(sources(t, "testdata/bad/two-files")...)
	var ms Diagnostics
	if !errors.As(err, &ms) {
		t.Fatal(err)
	}
	var places []string
	for _, m := range ms {
		places = append(places, m.Pos.String())
	}
	if !slices.IsSorted(places) {
		t.Errorf("places are not in order: %v", places)
	}
}

func TestExcerptMarksTheColumn(t *testing.T) {
	m := &Diagnostic{Pos: Position{File: "f.yaml", Line: 12, Column: 4}, Line: "é\tx: y", Message: "wrong"}
	same(t, "excerpt", m.Excerpt(), "  12 | é\tx: y\n     |  \t ^\n")
	same(t, "one line", m.Error(), "f.yaml:12:4: wrong")
	same(t, "no line", (&Diagnostic{Pos: Position{File: "dir"}}).Excerpt(), "")
}

// secret is what must not be repeated.
const secret = "hunter2"

var secretSpecs = map[string]string{
	"scheme of a proxy":  `outbound_proxy_url: "socks5://me:hunter2@proxy:1080"`,
	"list for a proxy":   `outbound_proxy_url: ["http://me:hunter2@proxy"]`,
	"control in a proxy": `outbound_proxy_url: "http://me:hunter2@proxy\u007f"`,
	"text for variables": `env_vars: TOKEN=hunter2`,
	"nested variable":    `env_vars: {TOKEN: {x: hunter2}}`,
	"neighbour":          `env_vars: {TOKEN: hunter2}, public: maybe`,
}

// TestMessagesHideSecrets looks at the messages; see the next test for the
// excerpts.
func TestMessagesHideSecrets(t *testing.T) {
	for name, attributes := range secretSpecs {
		t.Run(name, func(t *testing.T) {
			for _, m := range mistakesIn(t, attributes) {
				if strings.Contains(m.Error(), secret) {
					t.Errorf("the secret is repeated: %s", m.Error())
				}
			}
		})
	}
}

func TestExcerptsHideSecrets(t *testing.T) {
	for name, attributes := range secretSpecs {
		t.Run(name, func(t *testing.T) {
			for _, m := range mistakesIn(t, attributes) {
				if strings.Contains(m.Excerpt(), secret) {
					t.Errorf("the secret is repeated:\n%s", m.Excerpt())
				}
			}
		})
	}
}

func mistakesIn(t *testing.T, attributes string) Diagnostics {
	t.Helper()
	_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes:\n  web: {" + attributes + "}\n")})
	var ms Diagnostics
	if !errors.As(err, &ms) {
		t.Fatalf("Parse: %v, want mistakes", err)
	}
	return ms
}

// TestSyntaxErrorsHideSecrets: a line that cannot be read may hold one.
func TestSyntaxErrorsHideSecrets(t *testing.T) {
	for _, m := range mistakesIn(t, "env_vars: {TOKEN: hunter2, X: @}") {
		if strings.Contains(m.Error()+m.Excerpt(), secret) {
			t.Errorf("the secret is repeated: %s\n%s", m.Error(), m.Excerpt())
		}
	}
}
