package image_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
	"gopkg.in/yaml.v3"
	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
	"pgregory.net/rapid"

	"fleet/internal/image"
	"fleet/internal/tooltest"
)

// nastyWord generates words of characters that shells and Dockerfiles treat specially.
func nastyWord() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		parts := rapid.SliceOfN(rapid.SampledFrom([]string{
			"a", "B", "0", " ", "  ", "\t", "'", `"`, `\`, "$", "$X", "${X}", "$(x)", "`", "#", "*", "?", "[", "]", "[a-z]", "{", "}", "(", ")",
			"<", "<<", "<<EOF", "<<-'E'", ">", ">=2,<3", "|", "&", "&&", ";", "!", "~", "=", "%", "^", "@", "+", ",", ".", "..", "/", "-", "--", ":",
			"é", "日本", "\u00a0", "\u2003", "--flag=x", "EOF", "\r", "\x01", `\n`, `\\`, "x=y", "🐳",
		}), 1, 8).Draw(t, "parts")
		return strings.Join(parts, "")
	}).Filter(func(s string) bool { return strings.TrimSpace(s) != "" })
}

// yamlOf returns a value as YAML in which no text has an expression.
func yamlOf(t interface{ Fatal(...any) }, v any) string {
	text, err := yaml.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "${", "$${")
}

// buildOf returns the build of an image as a value.
func buildOf(t *rapid.T, v any) image.Build {
	text := yamlOf(t, v)
	b, set := read(t, "fleet.yaml", text)
	if len(set.Diagnostics) > 0 {
		t.Fatalf("%s\n%v", text, set.Diagnostics)
	}
	return b
}

// commandsOf parses a Dockerfile as BuildKit does and returns the instructions of its
// last stage.
func commandsOf(t interface{ Fatalf(string, ...any) }, text string) []instructions.Command {
	result, err := parser.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	stages, _, err := instructions.Parse(result.AST, nil)
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return stages[len(stages)-1].Commands
}

// noVariables is an environment without variables.
type noVariables struct{}

func (noVariables) Get(string) (string, bool) { return "", false }
func (noVariables) Keys() []string            { return nil }

// expanded expands the words of an instruction as BuildKit does.
func expanded(t *rapid.T, c instructions.SupportsSingleWordExpansion) {
	lex := shell.NewLex('\\')
	if err := c.Expand(func(word string) (string, error) {
		s, _, err := lex.ProcessWord(word, noVariables{})
		return s, err
	}); err != nil {
		t.Fatalf("%v: %v", c, err)
	}
}

// A runner executes the RUN lines of a Dockerfile with programs that print their
// arguments.
type runner struct{ dir string }

func newRunner(t *testing.T) runner {
	sh := tooltest.Path(t, "sh")
	dir := t.TempDir()
	script := "#!" + sh + "\nprintf '%s\\0' \"${0##*/}\" \"$@\"\n"
	for _, name := range []string{"python", "apt-get", "npm", "uv", "rm", "prog"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	return runner{dir}
}

// words returns what programs a RUN line starts, and their arguments.
func (r runner) words(t *rapid.T, line string) []string {
	c := exec.Command("/bin/sh", "-f", "-c", line) // wildcards of the step remain
	c.Dir, c.Env = r.dir, []string{"PATH=" + r.dir}
	out, err := c.Output()
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00")
}

// parsedWords returns the words of the simple commands of a line, as a second parser of
// shells reads them.
func parsedWords(t *rapid.T, line string) []string {
	file, err := syntax.NewParser(syntax.Variant(syntax.LangPOSIX)).Parse(strings.NewReader(line), "")
	if err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	var words []string
	syntax.Walk(file, func(n syntax.Node) bool {
		if c, ok := n.(*syntax.CallExpr); ok {
			fields, err := expand.Fields(&expand.Config{NoUnset: true}, c.Args...)
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			words = append(words, fields...)
		}
		return true
	})
	return words
}

// runLines returns the shell text of the RUN instructions of a Dockerfile.
func runLines(t *rapid.T, dockerfile string) []string {
	var all []string
	for _, c := range commandsOf(t, dockerfile) {
		if run, ok := c.(*instructions.RunCommand); ok {
			if !run.PrependShell || len(run.Files) > 0 {
				t.Fatalf("%q is not in shell form", run)
			}
			all = append(all, run.CmdLine[0])
		}
	}
	return all
}

// TestRunKeepsWords: a shell starts the programs of each step with the words of the spec.
func TestRunKeepsWords(t *testing.T) {
	sh := newRunner(t)
	word := nastyWord()
	list := rapid.SliceOfN(word, 1, 4)
	steps := []struct {
		name   string
		value  func(words []string, option string) any
		before func(words []string, option string) []string
		after  func(option string) []string
		valid  func(string) bool
	}{
		{
			"pip_install", func(words []string, o string) any {
				return map[string]any{"packages": words, "find_links": []string{o}, "index_url": o, "extra_index_urls": []string{o, o}, "pre": true}
			},
			func([]string, string) []string { return []string{"python", "-m", "pip", "install"} },
			func(o string) []string {
				return []string{"--find-links", o, "--index-url", o, "--extra-index-url", o, "--extra-index-url", o, "--pre"}
			}, func(string) bool { return true },
		},
		{
			"uv", func(words []string, o string) any {
				return map[string]any{"version": "0.9.1", "packages": words, "index_url": o, "pre": true}
			},
			func([]string, string) []string { return []string{"uv", "pip", "install", "--system"} },
			func(o string) []string { return []string{"--index-url", o, "--prerelease", "allow"} }, isPackage,
		},
		{
			"apt_install", func(words []string, _ string) any { return words },
			func(words []string, _ string) []string {
				before := []string{"apt-get", "update", "apt-get", "install", "-y", "--no-install-recommends"}
				if slices.ContainsFunc(words, func(s string) bool { return regexp.MustCompile(`^[^=]*[.?+*|[^$]`).MatchString(s) }) {
					before = append(before, "-o", "APT::Cmd::Pattern-Only=true")
				}
				return before
			},
			func(string) []string { return []string{"apt-get", "clean", "rm", "-rf", "/var/lib/apt/lists/*"} },
			func(s string) bool { return isPackage(s) && !strings.HasSuffix(strings.TrimSpace(s), "-") },
		},
		{
			"npm_install", func(words []string, o string) any { return map[string]any{"packages": words, "registry": o} },
			func(_ []string, o string) []string { return []string{"npm", "install", "--global", "--registry", o} },
			func(string) []string { return nil }, isPackage,
		},
	}
	rapid.Check(t, func(t *rapid.T) {
		step := steps[rapid.IntRange(0, len(steps)-1).Draw(t, "step")]
		words := slices.DeleteFunc(list.Draw(t, "words"), func(s string) bool { return !step.valid(s) })
		if len(words) == 0 {
			words = []string{"a b>1"}
		}
		option := word.Draw(t, "option")
		b := buildOf(t, map[string]any{"base": "a:1", "steps": []any{map[string]any{step.name: step.value(words, option)}}})
		runs := runLines(t, b.Dockerfile)
		if len(runs) != 1 {
			t.Fatalf("%q has %d RUN lines", b.Dockerfile, len(runs))
		}
		if step.name != "pip_install" {
			for i := range words {
				words[i] = strings.TrimSpace(words[i])
			}
		}
		slices.Sort(words)
		want := slices.Concat(step.before(words, option), words, step.after(option))
		if got := sh.words(t, runs[0]); !slices.Equal(got, want) {
			t.Fatalf("sh reads %q of %q, want %q", got, runs[0], want)
		}
		if got := parsedWords(t, runs[0]); !slices.Equal(got, want) {
			t.Fatalf("mvdan.cc/sh reads %q of %q, want %q", got, runs[0], want)
		}
	})
}

// isPackage reports whether a step that is not of the SDK accepts a text as a package.
func isPackage(s string) bool {
	s = strings.TrimSpace(s)
	return !strings.HasPrefix(s, "-") && (!strings.ContainsAny(s, " \t") || strings.ContainsAny(s, "<>=!~@;"))
}

// TestWordsOfCommands: a list of words reaches the program unchanged, or there is a
// warning about it.
func TestWordsOfCommands(t *testing.T) {
	sh := newRunner(t)
	rapid.Check(t, func(t *rapid.T) {
		word := nastyWord().Filter(func(s string) bool {
			return (len(s)-len(strings.TrimRight(s, `\`)))%2 == 0
		}).Draw(t, "word")
		text := yamlOf(t, map[string]any{"base": "a:1", "steps": []any{map[string]any{"run_commands": []any{[]string{"prog", word}}}}})
		b, set := read(t, "fleet.yaml", text)
		if len(set.Diagnostics) > 0 {
			t.Fatalf("%s\n%v", text, set.Diagnostics)
		}
		warned := len(set.Warnings) > 0
		line := runLines(t, b.Dockerfile)[0]
		c := exec.Command("/bin/sh", "-c", line)
		c.Dir, c.Env = sh.dir, []string{"PATH=" + sh.dir}
		out, err := c.Output()
		same := err == nil && string(out) == "prog\x00"+word+"\x00"
		expands := strings.ContainsAny(word, "$`") // perhaps to the same text
		if !same && !warned || same && warned && !expands {
			t.Fatalf("%q: sh reads %q (%v), warnings: %v", word, out, err, set.Warnings)
		}
	})
}

// TestInstructionsKeepWords: Docker's expansion of each instruction returns the words of
// the spec.
func TestInstructionsKeepWords(t *testing.T) {
	value := nastyWord()
	rapid.Check(t, func(t *rapid.T) {
		env, label, arg, dir := value.Draw(t, "env"), value.Draw(t, "label"), value.Draw(t, "arg"), value.Draw(t, "workdir")
		words := rapid.SliceOfN(value, 0, 3).Draw(t, "words")
		b := buildOf(t, map[string]any{
			"base": "a:1", "args": map[string]string{"B": arg},
			"steps": []any{
				map[string]any{"env": map[string]string{"K": env, "E": ""}},
				map[string]any{"label": map[string]string{"k.v": label}},
				map[string]any{"arg": map[string]string{"A": arg}},
				map[string]any{"arg": []string{"B"}},
				map[string]any{"workdir": dir},
				map[string]any{"entrypoint": words},
				map[string]any{"cmd": words},
			},
		})
		var got []string
		for _, c := range commandsOf(t, b.Dockerfile) {
			if e, ok := c.(instructions.SupportsSingleWordExpansion); ok {
				expanded(t, e)
			}
			switch c := c.(type) {
			case *instructions.EnvCommand:
				got = append(got, c.Env[0].Key, c.Env[0].Value)
			case *instructions.LabelCommand:
				got = append(got, c.Labels[0].Key, c.Labels[0].Value)
			case *instructions.ArgCommand:
				got = append(got, c.Args[0].Key, c.Args[0].ValueString())
			case *instructions.WorkdirCommand:
				got = append(got, c.Path)
			case *instructions.EntrypointCommand:
				got = append(append(got, "ENTRYPOINT"), c.CmdLine...)
			case *instructions.CmdCommand:
				got = append(append(got, "CMD"), c.CmdLine...)
			}
		}
		want := slices.Concat([]string{"E", "", "K", env, "k.v", label, "A", arg, "B", arg, dir, "ENTRYPOINT"}, words, []string{"CMD"}, words)
		if !slices.Equal(got, want) {
			t.Fatalf("%s\ngot  %q\nwant %q", b.Dockerfile, got, want)
		}
	})
}

// TestCopyKeepsPaths: Docker finds exactly the file of the spec, and writes it where the
// spec names it.
func TestCopyKeepsPaths(t *testing.T) {
	name := nastyWord().Filter(func(s string) bool { return !strings.ContainsAny(s, "\t\r\x01") })
	rapid.Check(t, func(t *rapid.T) {
		from, to := name.Draw(t, "from"), "/"+strings.ReplaceAll(name.Draw(t, "to"), "$", "")
		b := buildOf(t, map[string]any{"base": "a:1", "steps": []any{
			map[string]any{"add_local_dir": map[string]string{"local_path": from, "remote_path": to}},
		}})
		c := commandsOf(t, b.Dockerfile)[0].(*instructions.CopyCommand)
		expanded(t, c)
		archive := b.Sources[0].Archive
		if len(c.SourcePaths) != 1 || len(c.SourceContents) != 0 || c.DestPath != to {
			t.Fatalf("%s\ncopies %q to %q, want %q", b.Dockerfile, c.SourcePaths, c.DestPath, to)
		}
		if matches, err := filepath.Match(c.SourcePaths[0], archive); err != nil || !matches {
			t.Fatalf("%s\n%q does not match %q: %v", b.Dockerfile, c.SourcePaths[0], archive, err)
		}
		if plain := !strings.ContainsAny(archive, `*?[\`); plain && c.SourcePaths[0] != archive {
			t.Fatalf("%q is not %q", c.SourcePaths[0], archive)
		}
		for _, other := range []string{archive + "x", "x" + archive, strings.Map(func(r rune) rune {
			if strings.ContainsRune(`*?[]\`, r) {
				return 'x'
			}
			return r
		}, archive)} {
			if matches, _ := filepath.Match(c.SourcePaths[0], other); matches && other != archive {
				t.Fatalf("%q matches %q", c.SourcePaths[0], other)
			}
		}
	})
}
