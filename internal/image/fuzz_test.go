package image_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// FuzzQuoting: any text of one line that a step accepts keeps its words in a shell and in
// Docker.
func FuzzQuoting(f *testing.F) {
	for _, s := range []string{"a", "it's", `a\`, "$X", "<<EOF", "a <<'E' b", "--x", "[\"a\"", "*?[", "#", "\u00a0", "`x`", "a\rb", "'", `"\"`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if !utf8.ValidString(s) || strings.TrimSpace(s) == "" || strings.ContainsAny(s, "\n\x00") {
			return
		}
		text := yamlOf(t, map[string]any{"base": "a:1", "steps": []any{
			map[string]any{"pip_install": []string{s}},
			map[string]any{"env": map[string]string{"K": s}},
			map[string]any{"label": map[string]string{"k": s}},
			map[string]any{"workdir": s},
			map[string]any{"cmd": []string{s}},
			map[string]any{"add_local_file": map[string]string{"local_path": s, "remote_path": "/x"}},
		}})
		b, set := read(t, "fleet.yaml", text)
		if len(set.Diagnostics) > 0 {
			return // such as for a control character
		}
		commands := commandsOf(t, b.Dockerfile)
		lex := shell.NewLex('\\')
		for _, c := range commands {
			if e, ok := c.(instructions.SupportsSingleWordExpansion); ok {
				if err := e.Expand(func(word string) (string, error) {
					s, _, err := lex.ProcessWord(word, noVariables{})
					return s, err
				}); err != nil {
					t.Fatalf("%q: %v", b.Dockerfile, err)
				}
			}
		}
		got := shellMeaning(commands[0].(*instructions.RunCommand).CmdLine[0])[4:]
		got = append(got, commands[1].(*instructions.EnvCommand).Env[0].Value, commands[2].(*instructions.LabelCommand).Labels[0].Value,
			commands[3].(*instructions.WorkdirCommand).Path)
		got = append(got, commands[4].(*instructions.CmdCommand).CmdLine...)
		if want := []string{s, s, s, s, s}; !slices.Equal(got, want) {
			t.Fatalf("%q\ngot  %q\nwant %q", b.Dockerfile, got, want)
		}
		paths := commands[5].(*instructions.CopyCommand)
		if len(paths.SourcePaths) != 1 || paths.DestPath != "/x" {
			t.Fatalf("%q copies %q to %q", b.Dockerfile, paths.SourcePaths, paths.DestPath)
		}
		if matches, err := filepath.Match(paths.SourcePaths[0], b.Sources[0].Archive); !matches || err != nil {
			t.Fatalf("%q does not match %q: %v", paths.SourcePaths[0], b.Sources[0].Archive, err)
		}
	})
}
