package buildcontext

import (
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// paths returns the paths of the files of a manifest.
func paths(m Manifest) string {
	var list []string
	for _, f := range m.Files {
		list = append(list, f.Path)
	}
	return strings.Join(list, " ")
}

// TestIgnoreFile uses the examples of Docker's documentation, and variants of them.
func TestIgnoreFile(t *testing.T) {
	docs := []string{"README.md", "README-secret.md", "CHANGES.md", "temp", "tempa", "somedir/temporary.txt", "somedir/subdir/temporary.txt", "docs/README.md", "main.go", "docs/a.go"}
	for _, tt := range []struct {
		name, ignore string
		files        []string
		want         string
	}{
		{"comment and globs", "# comment\n*/temp*\n*/*/temp*\ntemp?\n", docs, "CHANGES.md README-secret.md README.md docs/README.md docs/a.go main.go temp"},
		{"any depth", "**/*.go", docs, "CHANGES.md README-secret.md README.md docs/README.md somedir/subdir/temporary.txt somedir/temporary.txt temp tempa"},
		{"exception", "*.md\n!README.md\n", docs, "README.md docs/README.md docs/a.go main.go somedir/subdir/temporary.txt somedir/temporary.txt temp tempa"},
		{"last line decides", "*.md\n!README*.md\nREADME-secret.md\n", docs, "README.md docs/README.md docs/a.go main.go somedir/subdir/temporary.txt somedir/temporary.txt temp tempa"},
		{"middle line without effect", "*.md\nREADME-secret.md\n!README*.md\n", docs, "README-secret.md README.md docs/README.md docs/a.go main.go somedir/subdir/temporary.txt somedir/temporary.txt temp tempa"},
		{"everything but", "*\n!main.go\n!docs/a.go\n", docs, "docs/a.go main.go"},
		{"everything", "*\n", docs, ""},
		{"all depths", "**\n!**/a.go", docs, "docs/a.go"},
		{"exception in directory", "d\n!d/keep\n", []string{"d/keep", "d/drop", "d/e/keep", "x"}, "d/keep x"},
		{"exception at any depth", "d\n!**/keep\n", []string{"d/keep", "d/drop", "d/e/keep", "x"}, "d/e/keep d/keep x"},
		{"exception with a wildcard directory", "d\n!*/e/keep\n", []string{"d/keep", "d/e/keep", "x"}, "d/e/keep x"},
		{"exception for a directory", "d\n!d/e\n", []string{"d/keep", "d/e/keep", "d/e/f/g", "x"}, "d/e/f/g d/e/keep x"},
		{"later line in vain", "d\n!d/keep\nd/keep\n", []string{"d/keep", "x"}, "x"},
		{"byte order mark", "\ufeffa\nb", []string{"a", "b", "c"}, "c"},
		{"byte order mark before a comment", "\ufeff#c\nb", []string{"#c", "b", "c"}, "#c c"},
		{"carriage returns", "a\r\n!a/b\r\n\r\n# c\r\nc \r\n", []string{"a/b", "a/c", "c", "d"}, "a/b d"},
		{"blanks", "  a  \n\t b\t\n   \n", []string{"a", "b", "c"}, "c"},
		{"blanks after the exclamation mark", "*\n! a\n", []string{"a", "b"}, "a"},
		{"slashes", "/a/\n./b\nc//d\ne/../f\n", []string{"a/x", "b", "c/d", "e", "f", "g/a"}, "e g/a"},
		{"only the root", "a", []string{"a", "b/a"}, "b/a"},
		{"brackets", "[ab].txt\n", []string{"a.txt", "b.txt", "c.txt"}, "c.txt"},
		{"escape", `\*` + "\n\\#a\n", []string{"*", "#a", "a"}, "a"},
		{"regular expression characters", "a.b\n(c)+\n$d^\n", []string{"a.b", "axb", "(c)+", "cc", "$d^"}, "axb cc"},
		{"without line end", "a", []string{"a"}, ""},
		{"empty", "", []string{"a"}, "a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			root, file := t.TempDir(), filepath.Join(t.TempDir(), "ignore")
			for _, name := range tt.files {
				write(t, root, name, name)
			}
			write(t, filepath.Dir(file), "ignore", tt.ignore)
			s := Source{Root: root, IgnoreFile: file}
			m := manifestOf(t, s)
			if got := paths(m); got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			rules, err := readIgnoreFile(file)
			check(t, err)
			for _, name := range tt.files {
				sent := slices.Contains(strings.Split(tt.want, " "), name)
				if rules.ignores(name) == sent {
					t.Errorf("%s: ignored differs between the list and the question", name)
				}
			}
			if got := unpack(t, m); len(got) != len(m.Files) {
				t.Errorf("the archive has %v", got)
			}
		})
	}
}

// Docker's builders decide for each directory, and then for the files in it: a later line
// that matches the directory again does not ignore an exception in it.
func TestIgnoreAgain(t *testing.T) {
	root := tree(t, map[string]string{".dockerignore": "d\n!d/keep\nd\n.dockerignore\n", "d/keep": "", "d/drop": ""})
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	got, err := c.Match("d/*")
	check(t, err)
	if m := manifestOf(t, c.Source(".")); paths(m) != "d/keep" || strings.Join(got, " ") != "d/keep" {
		t.Errorf("the list has %q, the sources are %q", paths(m), got)
	}
}

func TestDecidingLine(t *testing.T) {
	text := "# c\n*.log\n\n!keep.log\nd\n!d/*.md\nd/secret.md\n"
	rules, err := parseIgnoreFile("f", []byte(text))
	check(t, err)
	for file, want := range map[string]int{"a.log": 2, "d": 5, "d/x": 5, "d/e/x": 5, "d/secret.md": 7} {
		if got := rules.decidingLine(file); got != want || !rules.ignores(file) {
			t.Errorf("%s: got line %d, want %d", file, got, want)
		}
	}
	for _, file := range []string{"keep.log", "d/a.md", "x"} {
		if rules.ignores(file) {
			t.Errorf("%s is ignored", file)
		}
	}
}

func TestWrongIgnoreFile(t *testing.T) {
	for text, line := range map[string]int{"a\n[b\n": 2, "!\n": 1, "a\n\n! \n": 3, "x\n[a-]\n": 2, "\ufeff\n\n[": 3, strings.Repeat("a", 1<<17): 1} {
		var e *IgnoreFileError
		_, err := parseIgnoreFile("f", []byte(text))
		if !errors.As(err, &e) || e.Line != line || e.File != "f" || len(e.Error()) > 300 {
			t.Errorf("%.20q: got %.300v, want an error at line %d", text, err, line)
		}
	}
}

// TestUnneededDirectories counts the directories that a scan reads.
func TestUnneededDirectories(t *testing.T) {
	files := map[string]string{"src/a": ""}
	for i := range 20 {
		files[fmt.Sprintf("node_modules/p%d/x", i)] = ""
	}
	for ignore, want := range map[string]int{
		"": 23, "node_modules": 2, "node_modules\n!src/*.md": 2, "*\n!src": 2, "node_modules/*\n!node_modules/p3": 4,
		"node_modules\n!node_modules/p3": 4, "node_modules\n!**/x": 23, "node_modules/**\n!src/**": 3,
	} {
		root := tree(t, files)
		rules, err := parseIgnoreFile("f", []byte(ignore))
		check(t, err)
		realRoot, err := realDirectory(root)
		check(t, err)
		s := scan{source: Source{Root: root}, rules: rules, realRoot: realRoot, workers: 2, limits: limits{1 << 20, 1 << 20}}
		if err := s.run(t.Context()); err != nil || s.queue.visited != want {
			t.Errorf("%q: %d directories were read, want %d; %v", ignore, s.queue.visited, want, err)
		}
	}
}

func TestIgnoreFileOfDockerfile(t *testing.T) {
	root := tree(t, map[string]string{
		".dockerignore": "a\n", "a": "", "b": "", "docker/app.Dockerfile": "FROM a", "docker/app.Dockerfile.dockerignore": "b\ndocker\n.dockerignore",
		"docker/other.Dockerfile": "", "empty.dockerignore": "",
	})
	for dockerfile, want := range map[string]string{
		"docker/app.Dockerfile": "docker/app.Dockerfile.dockerignore", "docker/other.Dockerfile": ".dockerignore", "empty": "empty.dockerignore",
	} {
		c, err := new(Inputs).OpenContext(root, filepath.Join(root, dockerfile))
		check(t, err)
		if got, _ := filepath.Rel(root, c.IgnoreFile); filepath.ToSlash(got) != want {
			t.Errorf("%s: the ignore file is %s, want %s", dockerfile, got, want)
		}
	}
	c, err := new(Inputs).OpenContext(root, "")
	check(t, err)
	if ignored, line := c.Ignored("a"); !ignored || line != 1 {
		t.Errorf("a: ignored %v by line %d", ignored, line)
	}
}

// FuzzIgnoreFile looks for rules that fail on a path, or that differ between a path and
// the walk to it.
func FuzzIgnoreFile(f *testing.F) {
	for _, seed := range []string{"*\n!a", "**/x\n", "a/**\n!a/b\r\n", "[^a]\n", "\\", "!\\*", "**", "a**b"} {
		f.Add([]byte(seed), "a/b/c")
	}
	f.Fuzz(func(t *testing.T, text []byte, file string) {
		rules, err := parseIgnoreFile("f", text)
		parts := strings.Split(file, "/")
		if err != nil || len(text) > 1000 || len(file) > 100 || slices.Contains(parts, "") || slices.Contains(parts, ".") || slices.Contains(parts, "..") {
			return
		}
		var s matchState
		for i := range parts {
			dir := strings.Join(parts[:i+1], "/")
			below := rules.match(dir, s)
			if s.ignored && !below.ignored && !rules.hasExceptionBelow(strings.Join(parts[:i], "/")) {
				t.Errorf("%q: %q is an exception in a directory that is not read", text, dir)
			}
			s = below
		}
		if rules.ignores(file) != s.ignored {
			t.Errorf("%q: two results for %q", text, file)
		}
		if s.ignored && rules.decidingLine(file) == 0 {
			t.Errorf("%q: no line ignores %q", text, file)
		}
	})
}
