package cli

import (
	"cmp"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/internal/input"
	"fleet/spec"
)

// A pathFlag is a file that a flag, or an argument without a name, names.
type pathFlag struct {
	flag, value string // as they were given
	file        string
}

func (p pathFlag) String() string {
	if p.flag == "" {
		return p.value
	}
	return "--" + p.flag + " " + p.value
}

// inputFlags are the flags that name what a command reads, and outputFlags those
// that name what it writes. A form returns the file of a value, or "".
var (
	inputFlags = map[string]func(value string) string{
		"file": fileOf, "var-file": fileOf, "ca-file": fileOf, "rules": fileOf, "only-failed": fileOf, "env-file": fileOf,
		"target": fileAt, "exclude": fileAt, "replace": fileAt,
	}
	outputFlags = map[string]func(value string) string{
		"report": fileOf, "save": fileOf, "secrets-file": fileOf,
		"out": func(value string) string {
			_, file, _ := strings.Cut(value, "=")
			return fileOf(file)
		},
	}
)

func fileOf(value string) string {
	if value == standardOutput {
		return ""
	}
	return value
}

func fileAt(value string) string {
	file, _ := strings.CutPrefix(value, "@")
	if file == value {
		return ""
	}
	return file
}

// writesSpec are the commands that write a spec, by -f or -o, and read none.
var writesSpec = []string{"init", "export"}

// spare refuses outputs that would replace what the command reads, or a spec.
func (a *app) spare(cmd *cobra.Command, args []string) error {
	read := a.settingsFiles()
	a.results = nil
	for _, name := range slices.Sorted(maps.Keys(outputFlags)) {
		a.results = append(a.results, pathsOf(cmd.Flags(), name, outputFlags[name])...)
	}
	if cmd.Name() == "export" {
		read = append(read, append(pathsOf(cmd.Flags(), "ca-file", fileOf), pathsOf(cmd.Flags(), "env-file", fileOf)...)...)
		for _, w := range pathsOf(cmd.Flags(), "output", fileOf) {
			if err := cmp.Or(sparesInputs(w, read), sparesOutputs(w, a.results)); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(writesSpec, cmd.Name()) {
		for _, name := range slices.Sorted(maps.Keys(inputFlags)) {
			read = append(read, pathsOf(cmd.Flags(), name, inputFlags[name])...)
		}
		for _, arg := range args { // a saved plan, where it is the name of a file
			read = append(read, pathFlag{value: arg, file: arg})
		}
	}
	for i, w := range a.results {
		if err := sparesInputs(w, read); err != nil {
			return err
		}
		if err := sparesOutputs(w, a.results[:i]); err != nil {
			return err
		}
		if isSpec(w.file) {
			return invalid("%s: the file holds a spec, which would be lost; name another file, or remove it first", w)
		}
	}
	return nil
}

// settingsFiles are the files of the working directory that settings come from.
func (a *app) settingsFiles() []pathFlag {
	var list []pathFlag
	for _, name := range []string{".env", ".env.local"} {
		list = append(list, pathFlag{value: name, file: filepath.Join(a.Dir, name)})
	}
	return list
}

// pathsOf returns the files that a flag names, if the command has it.
func pathsOf(flags *pflag.FlagSet, name string, form func(string) string) []pathFlag {
	flag := flags.Lookup(name)
	if flag == nil {
		return nil
	}
	values := []string{flag.Value.String()}
	if list, is := flag.Value.(pflag.SliceValue); is {
		values = list.GetSlice()
	}
	var paths []pathFlag
	for _, v := range values {
		if file := form(v); file != "" {
			paths = append(paths, pathFlag{name, v, file})
		}
	}
	return paths
}

// sparesInputs refuses to write over what is read. A report may take the place
// of the one whose failures it goes on from.
func sparesInputs(w pathFlag, read []pathFlag) error {
	for _, r := range read {
		if w.flag == "report" && r.flag == "only-failed" {
			continue
		}
		if sameFile(w.file, r.file) {
			return invalid("%s: the command reads this file, as %s; name another one", w, r)
		}
	}
	return nil
}

// sparesOutputs refuses a second output to one file. Of one path of --out and
// --report that is told where these are read.
func sparesOutputs(w pathFlag, others []pathFlag) error {
	for _, o := range others {
		told := filepath.Clean(w.file) == filepath.Clean(o.file) && w.flag != "save" && o.flag != "save"
		if !told && (sameFile(w.file, o.file) || sameEnd(w.file, o.file)) {
			return invalid("%s: the file is that of %s already", w, o)
		}
	}
	return nil
}

// sameEnd reports whether two paths lead to one file that need not be there.
func sameEnd(a, b string) bool {
	x, err := endOf(a)
	if err != nil || isStream(x) {
		return false
	}
	y, err := endOf(b)
	return err == nil && inFull(x) == inFull(y)
}

// inFull is a path without links in its directory, as far as that is there.
func inFull(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	if dir, err = filepath.EvalSymlinks(dir); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	return file
}

// sparesSpec refuses to write over what the spec was read from, such as a file
// that it includes.
func (a *app) sparesSpec(opened []string) error {
	for _, w := range a.results {
		for _, file := range opened {
			if sameFile(w.file, file) {
				return invalid("%s: the spec is read from this file; name another one", w)
			}
		}
	}
	return nil
}

// sameFile reports whether two paths lead to one file of the disk. Into pipes
// and devices text is written, which replaces nothing.
func sameFile(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil || x.Mode()&(fs.ModeDevice|fs.ModeNamedPipe|fs.ModeSocket) != 0 {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// isSpec reports whether a file is there and holds a spec, or a part of one.
func isSpec(file string) bool {
	text, err := input.Regular(file, input.MaxSpec)
	return err == nil && spec.Resembles(text)
}
