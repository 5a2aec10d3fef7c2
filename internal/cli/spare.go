package cli

import (
	"io/fs"
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
		"file": fileOf, "var-file": fileOf, "ca-file": fileOf, "rules": fileOf, "only-failed": fileOf,
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
	for name, form := range outputFlags {
		a.results = append(a.results, pathsOf(cmd.Flags(), name, form)...)
	}
	if cmd.Name() == "export" {
		read = append(read, pathsOf(cmd.Flags(), "ca-file", fileOf)...)
		for _, w := range pathsOf(cmd.Flags(), "output", fileOf) {
			if err := sparesInputs(w, read); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(writesSpec, cmd.Name()) {
		for name, form := range inputFlags {
			read = append(read, pathsOf(cmd.Flags(), name, form)...)
		}
		for _, arg := range args { // a saved plan, where it is the name of a file
			read = append(read, pathFlag{value: arg, file: arg})
		}
	}
	for _, w := range a.results {
		if err := sparesInputs(w, read); err != nil {
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
