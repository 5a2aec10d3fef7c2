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

// inputFileFlags are the flags that name what a command reads, and outputFileFlags those
// that name what it writes. A form returns the file of a value, or "".
var (
	inputFileFlags = map[string]func(value string) string{
		"file": filePath, "var-file": filePath, "ca-file": filePath, "rules": filePath, "only-failed": filePath, "env-file": filePath,
		"target": atFilePath, "exclude": atFilePath, "replace": atFilePath,
	}
	outputFileFlags = map[string]func(value string) string{
		"report": filePath, "save": filePath, "secrets-file": filePath,
		"out": func(value string) string {
			_, file, _ := strings.Cut(value, "=")
			return filePath(file)
		},
	}
)

func filePath(value string) string {
	if value == standardOutput {
		return ""
	}
	return value
}

func atFilePath(value string) string {
	file, _ := strings.CutPrefix(value, "@")
	if file == value {
		return ""
	}
	return file
}

// specWriters are the commands that write a spec, by -f or -o, and read none.
var specWriters = []string{"init", "export"}

// checkOverwrites refuses outputs that would replace what the command reads, or a spec.
func (a *app) checkOverwrites(cmd *cobra.Command, args []string) error {
	read := a.settingsFiles()
	a.outputPaths = nil
	for _, name := range slices.Sorted(maps.Keys(outputFileFlags)) {
		a.outputPaths = append(a.outputPaths, flagPaths(cmd.Flags(), name, outputFileFlags[name])...)
	}
	if cmd.Name() == "export" {
		read = append(read, append(flagPaths(cmd.Flags(), "ca-file", filePath), flagPaths(cmd.Flags(), "env-file", filePath)...)...)
		for _, w := range flagPaths(cmd.Flags(), "output", filePath) {
			if err := cmp.Or(checkNotInput(w, read), checkNotOutput(w, a.outputPaths)); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(specWriters, cmd.Name()) {
		for _, name := range slices.Sorted(maps.Keys(inputFileFlags)) {
			read = append(read, flagPaths(cmd.Flags(), name, inputFileFlags[name])...)
		}
		for _, arg := range args { // a saved plan, where it is the name of a file
			read = append(read, pathFlag{value: arg, file: arg})
		}
	}
	for i, w := range a.outputPaths {
		if err := checkNotInput(w, read); err != nil {
			return err
		}
		if err := checkNotOutput(w, a.outputPaths[:i]); err != nil {
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

// flagPaths returns the files that a flag names, if the command has it.
func flagPaths(flags *pflag.FlagSet, name string, form func(string) string) []pathFlag {
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

// checkNotInput refuses to write over what is read. A report may take the place
// of the one whose failures it goes on from.
func checkNotInput(w pathFlag, read []pathFlag) error {
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

// checkNotOutput refuses a second output to one file. Of one path of --out and
// --report that is told where these are read.
func checkNotOutput(w pathFlag, others []pathFlag) error {
	for _, o := range others {
		checkedBefore := filepath.Clean(w.file) == filepath.Clean(o.file) && w.flag != "save" && o.flag != "save"
		if !checkedBefore && (sameFile(w.file, o.file) || sameTarget(w.file, o.file)) {
			return invalid("%s: the file is that of %s already", w, o)
		}
	}
	return nil
}

// sameTarget reports whether two paths lead to one file that need not be there.
func sameTarget(a, b string) bool {
	x, err := resolvePath(a)
	if err != nil || isStream(x) {
		return false
	}
	y, err := resolvePath(b)
	return err == nil && resolveDir(x) == resolveDir(y)
}

// resolveDir is a path without links in its directory, as far as that is there.
func resolveDir(file string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	if dir, err = filepath.EvalSymlinks(dir); err == nil {
		file = filepath.Join(dir, filepath.Base(file))
	}
	return file
}

// checkNotSpec refuses to write over what the spec was read from, such as a file
// that it includes.
func (a *app) checkNotSpec(opened []string) error {
	for _, w := range a.outputPaths {
		for _, file := range opened {
			if sameFile(w.file, file) {
				return invalid("%s: the spec is read from this file; name another one", w)
			}
		}
	}
	return nil
}

// fileID reports whether two paths lead to one file of the disk. Into pipes
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
	text, err := input.ReadRegular(file, input.MaxSpec)
	return err == nil && spec.LooksLikeSpec(text)
}
