package main

import (
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strings"
	"testing"
)

// TestMutants holds which mistakes are made.
func TestMutants(t *testing.T) {
	for _, test := range []struct {
		body string
		want []string
	}{
		{"return a < 3", []string{"a < 3 -> a <= 3", "a < 3 -> a >= 3", "3 -> 4"}},
		{"return a && f(b)", []string{"a && f(b) -> a", "a && f(b) -> f(b)", "a -> !a", "f(b) -> !f(b)"}},
		{"if !a { n++ }", []string{"!a -> a", "n++ -> n--"}},
		{"x.n -= most.RoundDown(7)", []string{"x.n -= most.RoundDown(7) -> x.n += most.RoundDown(7)", "most.RoundDown(7) -> most.RoundUp(7)"}},
		{"x.n = min(a, 1)", []string{
			"x.n = min(a, 1) -> {}", "min(a, 1) -> max(a, 1)", "min(a, 1) -> a", "min(a, 1) -> 1", "1 -> 2",
		}},
		{"switch { case a, b: return }", []string{"a -> !a", "b -> !b", "a, b -> b", "a, b -> a"}},
		{"switch s { case a, b: return true }", []string{"a, b -> b", "a, b -> a", "true -> false"}},
		{"for { if a == b { continue }; if a == b { break } }", []string{
			"a == b -> a != b", "continue -> break", "a == b -> a != b #2", "break -> continue",
		}},
		{`return "x" + a`, nil},
		{"const most = 3", []string{"3 -> 4"}},
	} {
		source := "package p\nfunc f() {\n" + test.body + "\n}\n"
		mutants, err := findMutants(bound{file: "p/f.go"}, []byte(source))
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, m := range mutants {
			got = append(got, strings.TrimPrefix(m.String(), "p/f.go f: "))
			if want := strings.Replace(source, m.from, m.to, 1); m.occurrence == 0 && strings.Count(source, m.from) == 1 && string(m.mutated()) != want {
				t.Errorf("%s: makes %s", m, m.mutated())
			}
		}
		if !slices.Equal(got, test.want) {
			t.Errorf("%s:\n got %q\nwant %q", test.body, got, test.want)
		}
	}
}

// TestSwitched holds that all mistakes of a text, of its parts and of others can
// be put into one file.
func TestSwitched(t *testing.T) {
	source := "package p\nfunc f() bool {\nn++\nreturn !a && b < n\n}\n"
	mutants, err := findMutants(bound{file: "p/f.go"}, []byte(source))
	if err != nil {
		t.Fatal(err)
	}
	mutants = slices.DeleteFunc(mutants, func(m mutant) bool { return m.kind == standaloneKind })
	got, beside := switchedSource(mutants)
	is := func(n, to, from string) string {
		return `mutateIs("` + n + `") && (` + to + `) || !mutateIs("` + n + `") && (` + from + `)`
	}
	not := "(" + is("3", "a", "!a") + ")"
	less := "(" + is("4", "b <= n", is("5", "b >= n", "b < n")) + ")"
	want := "package p\nfunc f() bool {\nif mutateIs(\"0\") { n-- } else { n++ }\nreturn (" +
		is("1", "!a", is("2", "b < n", not+" && "+less)) + ")\n}\n"
	if string(got) != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", beside, 0); err != nil {
		t.Errorf("%v in\n%s", err, beside)
	}
}

// TestLists holds that the bounds of CONTRIBUTING.md are in the code, and that
// what is listed as equivalent can still happen.
func TestLists(t *testing.T) {
	t.Chdir("../..")
	bounds, err := readBounds("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	known, err := readEquivalents("internal/mutate/equivalent.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, b := range bounds {
		mutants, err := readMutants(b)
		if err != nil {
			t.Error(err)
		}
		if len(mutants) == 0 {
			t.Errorf("%s: no mistake can be made in it", b.file)
		}
		for _, m := range mutants {
			delete(known, m.String())
		}
	}
	for name := range known {
		t.Errorf("equivalent.txt: no such mistake any more: %s", name)
	}
	list, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(list), "## Safety bounds\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if n := strings.Count(section, "\n* "); n != len(bounds) {
		t.Errorf("%d of the %d items of the list of bounds are read", len(bounds), n)
	}
}

func TestEquivalentsHaveReasons(t *testing.T) {
	for text, want := range map[string]string{
		"a.go f: x -> y\n\tit is the same\n":                            "",
		"a.go f: x -> y\n":                                              "no reason",
		"a.go f: x -> y\nb.go f: x -> y\n\tboth\n":                      "no reason",
		"# none\n\na.go f: x -> y\n\tlong\n\treason\nb.go: 1 -> 2\n\tr": "",
	} {
		name := t.TempDir() + "/list"
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		switch _, err := readEquivalents(name); {
		case err == nil && want != "", err != nil && (want == "" || !strings.Contains(err.Error(), want)):
			t.Errorf("%q: %v", text, err)
		}
	}
}
