package format

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// TestSource formats testdata/NAME.in.yaml to NAME.out.yaml.
func TestSource(t *testing.T) {
	files, err := filepath.Glob("testdata/*.in.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".in.yaml"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got, err := Source(text)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".in.yaml") + ".out.yaml"
			if os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(golden, got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// TestFormatted: what the repository shows looks as it should.
func TestFormatted(t *testing.T) {
	files, err := filepath.Glob("../../examples/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no examples: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out, err := Source(text)
		if diff := cmp.Diff(string(text), string(out)); err != nil || diff != "" {
			t.Errorf("%s: %v\n%s", file, err, diff)
		}
	}
}

func TestRefused(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"not YAML":        {"a: [", ":1:1: this is not YAML: did not find expected node content"},
		"a tab":           {"a:\n\tb: 1\n", "; indent with spaces, not with tabs"},
		"not text":        {"a: \xff\n", ":1:4: the file is not UTF-8 text"},
		"UTF-16":          {"\xff\xfea\x00:\x00 \x001\x00", ":1:1: the file is not UTF-8 text"},
		"NUL":             {"a: \x00\n", "control characters are not allowed"},
		"unknown anchor":  {"a: *b\n", ":1:4: this is not YAML: unknown anchor 'b' referenced"},
		"line separator":  {"a: 1\nb: x\u2028y\n", `:2:5: the character U+2028 means different things to different readers of YAML; write it as "\u2028", in double quotes`},
		"a later YAML":    {"%YAML 1.3\n---\na: 1\n", ":1:1: the document is for YAML 1.3; YAML 1.1 and 1.2 are read"},
		"after a return":  {"# a\rb: 1\nc: \u0085\n", ":2:4: the character U+0085"},
		"odd and returns": {"# a\r\n# b\r  --- \n", ":2:1: cannot format this"},
		"inner mark":      {"a: é\ufeff\n", ":1:5: the character U+FEFF "},
		"too large":       {strings.Repeat("#\n", MaxSource/2+1), ": the file is larger than 2 MiB"},
		"unended blanks":  {"- |+\n   ", ":1:1: cannot format this"},
		"indented marker": {"  --- \n", "cannot format this without changing its meaning; the file was not changed"},
	} {
		t.Run(name, func(t *testing.T) {
			out, err := Source([]byte(c.text))
			if err == nil || out != nil || !strings.Contains(err.Error(), c.want) || !utf8.ValidString(err.Error()) {
				t.Errorf("got %q, %v", out, err)
			}
		})
	}
}

// Files that were joined keep the byte order mark of each.
func TestJoined(t *testing.T) {
	out, err := Source([]byte("\ufeffa:  1\r\n\ufeff---\r\nb:  2\r\n---\r\n\ufeffc:  3\r\n"))
	if want := "a: 1\n---\nb: 2\n---\nc: 3\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

func TestEmpty(t *testing.T) {
	for _, text := range []string{"", "\n", "\n \n\n", "\ufeff", "\ufeff\r\n"} {
		if out, err := Source([]byte(text)); err != nil || len(out) != 0 {
			t.Errorf("%q became %q: %v", text, out, err)
		}
	}
}

// TestDirectives: directives stay as they are.
func TestDirectives(t *testing.T) {
	const head = "%YAML 1.2\n%TAG !e! tag:example.com,2000:\n---\n"
	out, err := Source([]byte(head + "a:  !e!b c\n...\n" + head + "a:   b\n"))
	if want := head + "a: !e!b c\n...\n" + head + "a: b\n"; err != nil || string(out) != want {
		t.Errorf("got %q, %v, want %q", out, err, want)
	}
}

// TestCutOff: a file that ends within a text keeps its end, which is part of
// the text for some readers. One whose text has no line break at its end gets one.
func TestCutOff(t *testing.T) {
	for text, want := range map[string]string{
		"a: |\n    b":          "a: |\n  b",
		"a:  |  # c\n    b":    "a: | # c\n  b",
		"a: >\n    b\n\n    c": "a: >\n  b\n\n  c",
		"- |2+\n    b":         "- |2+\n    b",
		"a: |\r\n    b":        "a: |\n  b",
		"a: |-\n    b":         "a: |-\n  b\n",
		"a: >-\n    b":         "a: >-\n  b\n",
		"a: |\n    b\n  ":      "a: |\n  b\n",
		"a: |\n    b\n# c":     "a: |\n  b\n# c\n",
		"a: |\n    b\nc: d":    "a: |\n  b\nc: d\n",
		"a: |\n    b\n...":     "a: |\n  b\n...\n",
		"a: |":                 "a: |\n",
		"# |\na: b # |":        "# |\na: b # |\n",
	} {
		out, err := Source([]byte(text))
		if err != nil || string(out) != want {
			t.Errorf("%q: got %q, %v, want %q", text, out, err, want)
		}
		checkLaws(t, []byte(text))
	}
}
