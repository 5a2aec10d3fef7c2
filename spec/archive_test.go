package spec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// An archive is a spec of one or more files, the options with which it is read, and the
// result: a txtar file whose comment has prose (lines with #) and these lines:
//
//	read ARG...        -f PATH (default fleet.yaml), -e, --var, --var-file, --root, -R
//	env NAME=VALUE     an environment variable
//	link NAME TARGET   a symbolic link
//	mkdir NAME         an empty directory
//	commands           commands may run; they print their words
//
// The file <stdin> is standard input. The file want, written by -update, is
// the error text, or the resources of the spec.
type archive struct {
	*txtar.Archive
	file     string
	options  Options
	paths    []string
	commands [][]string
}

// TestArchives reads the archives of testdata/bad, which have errors, and of
// testdata/good, which have none.
func TestArchives(t *testing.T) {
	for _, folder := range []string{"bad", "good"} {
		files, err := filepath.Glob("testdata/" + folder + "/*.txtar")
		if err != nil || len(files) == 0 {
			t.Fatal(files, err)
		}
		for _, file := range files {
			t.Run(folder+"/"+strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
				a := openArchive(t, file)
				f, err := a.options.Load(a.paths...)
				switch {
				case folder == "bad" && err == nil:
					t.Errorf("the spec has no mistakes:\n%s", summary(f))
				case folder == "good" && err != nil:
					t.Errorf("the spec has mistakes: %v", err)
				case folder == "bad":
					a.golden(t, asText(err))
				default:
					a.golden(t, summary(f))
				}
			})
		}
	}
}

// asText returns an error as it is printed.
func asText(err error) string {
	var ms Diagnostics
	if !errors.As(err, &ms) {
		return fmt.Sprintf("%T: %v\n", err, err)
	}
	return ms.Error() + "\n"
}

// summary lists each resource of the fleet with its attributes, and the warnings.
func summary(f *Fleet) string {
	var b strings.Builder
	for _, w := range f.Warnings {
		fmt.Fprintln(&b, w.Error())
	}
	fmt.Fprintf(&b, "fleet %s\n", f.Name)
	for _, r := range f.Resources {
		fmt.Fprintf(&b, "%s\n", r.Address)
		for _, a := range Tables[r.Kind] {
			v, ok := r.attrs.lookup(a)
			switch {
			case !ok, a.Key == "name" && v == r.Key, a == contentRow:
				continue
			case r.sensitive[a]:
				v = "sensitive " + a.Type.Format(v)
			case a.Secret: // shown, too, to see what was read
				v = a.Type.Format(v)
			default:
				v = a.Format(v)
			}
			fmt.Fprintf(&b, "  %s: %s\n", a.Key, strings.ReplaceAll(fmt.Sprint(v), "\n", "\n    "))
		}
	}
	return b.String()
}

// openArchive unpacks an archive and changes to its directory.
func openArchive(t *testing.T, file string) *archive {
	t.Helper()
	parsed, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	abs, err := filepath.Abs(file)
	if err != nil {
		t.Fatal(err)
	}
	a := &archive{Archive: parsed, file: abs}
	t.Chdir(t.TempDir())
	for _, f := range parsed.Files {
		switch f.Name {
		case "want":
		case "<stdin>":
			a.options.Stdin = strings.NewReader(string(f.Data))
		default:
			check(t, os.MkdirAll(filepath.Dir(f.Name), 0o755))
			check(t, os.WriteFile(f.Name, f.Data, 0o644))
		}
	}
	vars := map[string]string{}
	a.options.Lookup = func(name string) (string, bool) { v, ok := vars[name]; return v, ok }
	a.options.Decrypt = func(file string) ([]byte, error) {
		text, err := os.ReadFile(file)
		text, _, _ = bytes.Cut(text, []byte("sops:")) // what sops notes goes
		return []byte(strings.NewReplacer("ENC[", "", "]ENC", "").Replace(string(text))), err
	}
	for line := range strings.Lines(string(parsed.Comment)) {
		a.line(t, strings.TrimSpace(line), vars)
	}
	if len(a.paths) == 0 {
		a.paths = []string{"fleet.yaml"}
	}
	return a
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// line applies one line of the archive's comment.
func (a *archive) line(t *testing.T, line string, env map[string]string) {
	word, rest, _ := strings.Cut(line, " ")
	switch word {
	case "", "#":
	case "read":
		a.read(t, strings.Fields(rest))
	case "env":
		name, value, _ := strings.Cut(rest, "=")
		env[name] = value
	case "link":
		name, target, _ := strings.Cut(rest, " ")
		check(t, os.Symlink(target, name))
	case "mkdir":
		check(t, os.MkdirAll(rest, 0o755))
	case "commands":
		a.options.Run = func(argv []string) ([]byte, error) {
			a.commands = append(a.commands, argv)
			if argv[0] == "false" {
				return nil, errors.New("exit status 1")
			}
			return []byte(strings.Join(argv, " ") + "\n"), nil
		}
	default:
		t.Fatalf("%s: a line begins with # or one of the commands, not %s", a.file, word)
	}
}

func (a *archive) read(t *testing.T, args []string) {
	for len(args) > 0 {
		value := ""
		if args[0] != "-R" {
			value = args[1]
		}
		switch args[0] {
		case "-f":
			a.paths = append(a.paths, value)
		case "-e":
			a.options.Environment = value
		case "--var":
			name, v, _ := strings.Cut(value, "=")
			a.options.Vars = append(a.options.Vars, Var{Name: name, Value: v, From: "--var " + name})
		case "--var-file":
			a.options.VarFiles = append(a.options.VarFiles, value)
		case "--root":
			a.options.Root = value
		case "-R":
			a.options.Recursive, args = true, args[1:]
			continue
		default:
			t.Fatalf("%s: unknown flag %s", a.file, args[0])
		}
		args = args[2:]
	}
}

// golden compares got with the archive's want, or writes it there.
func (a *archive) golden(t *testing.T, got string) {
	t.Helper()
	i := slices.IndexFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" })
	if i < 0 {
		a.Files, i = append(a.Files, txtar.File{Name: "want"}), len(a.Files)
	}
	if *update {
		a.Files[i].Data = []byte(got)
		check(t, os.WriteFile(a.file, txtar.Format(a.Archive), 0o644))
	}
	same(t, a.file, got, string(a.Files[i].Data))
}
