package cli

import (
	"cmp"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"fleet/internal/exit"
	"fleet/internal/input"
	"fleet/internal/outfile"
	"fleet/spec"
)

// A pathFlag is a file that a flag or an argument names.
type pathFlag struct {
	flag  string // name of the flag; empty for an argument
	value string // as it was given
	file  string
}

func (p pathFlag) String() string {
	if p.flag == "" {
		return p.value
	}
	return "--" + p.flag + " " + p.value
}

// inputFileFlags are the flags that name files to read, and outputFileFlags those
// that name files to write. Their functions return the file that a value names,
// or "".
var (
	inputFileFlags = map[string]func(value string) string{
		"file": filePath, "var-file": filePath, "ca-file": filePath, "rules": filePath, "only-failed": filePath, "env-file": filePath,
		"target": atFilePath, "exclude": atFilePath, "replace": atFilePath,
	}
	outputFileFlags = map[string]func(value string) string{
		"report": filePath, "save": filePath, "secrets-file": filePath, "html": filePath,
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

// specWriters are the commands that write a spec with -f or -o, and read none.
var specWriters = []string{"init", "export"}

// checkOverwrites refuses outputs that would replace a file that the command
// reads, another output, or a spec. It runs before every command.
func (a *app) checkOverwrites(cmd *cobra.Command, args []string) error {
	read := a.settingsFiles()
	a.written = nil
	for _, name := range slices.Sorted(maps.Keys(outputFileFlags)) {
		a.written = append(a.written, flagPaths(cmd.Flags(), name, outputFileFlags[name])...)
	}
	if cmd.Name() == "export" {
		read = append(read, append(flagPaths(cmd.Flags(), "ca-file", filePath), flagPaths(cmd.Flags(), "env-file", filePath)...)...)
		for _, w := range flagPaths(cmd.Flags(), "output", filePath) {
			if err := cmp.Or(checkNotInput(w, read), checkNotOutput(w, a.written)); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(specWriters, cmd.Name()) {
		for _, name := range slices.Sorted(maps.Keys(inputFileFlags)) {
			read = append(read, flagPaths(cmd.Flags(), name, inputFileFlags[name])...)
		}
		for _, arg := range args { // which may name a saved plan
			read = append(read, pathFlag{value: arg, file: arg})
		}
	}
	for i, w := range a.written {
		if err := checkNotInput(w, read); err != nil {
			return err
		}
		if err := checkNotOutput(w, a.written[:i]); err != nil {
			return err
		}
		if isSpec(w.file) {
			return exit.Invalidf("%s: the file is a spec and would be overwritten; name another file, or remove it first", w)
		}
	}
	return nil
}

// settingsFiles returns the files of the working directory that settings come
// from.
func (a *app) settingsFiles() []pathFlag {
	var list []pathFlag
	for _, name := range []string{".env", ".env.local"} {
		list = append(list, pathFlag{value: name, file: filepath.Join(a.dir, name)})
	}
	return list
}

// flagPaths returns the files that a flag names; none if the command does not
// have the flag.
func flagPaths(flags *pflag.FlagSet, name string, fileOf func(string) string) []pathFlag {
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
		if file := fileOf(v); file != "" {
			paths = append(paths, pathFlag{name, v, file})
		}
	}
	return paths
}

// checkNotInput refuses an output that replaces an input. Only a report may
// replace the one whose failed steps it continues.
func checkNotInput(w pathFlag, read []pathFlag) error {
	for _, r := range read {
		if w.flag == "report" && r.flag == "only-failed" {
			continue
		}
		if outfile.SameFile(w.file, r.file) {
			return exit.Invalidf("%s: the file is also read, by %s; name another file", w, r)
		}
	}
	return nil
}

// checkNotOutput refuses a second output to the same file. Equal paths of --out
// and --report are reported by the checks of these flags.
func checkNotOutput(w pathFlag, others []pathFlag) error {
	for _, o := range others {
		checkedBefore := filepath.Clean(w.file) == filepath.Clean(o.file) && w.flag != "save" && o.flag != "save"
		if !checkedBefore && (outfile.SameFile(w.file, o.file) || outfile.SameTarget(w.file, o.file)) {
			return exit.Invalidf("%s: the file is already used by %s", w, o)
		}
	}
	return nil
}

// checkNotSpec refuses outputs that would replace a file that the spec was read
// from, such as one that it includes.
func (a *app) checkNotSpec(opened []string) error {
	for _, w := range a.written {
		for _, file := range opened {
			if outfile.SameFile(w.file, file) {
				return exit.Invalidf("%s: the spec is read from this file; name another file", w)
			}
		}
	}
	return nil
}

// isSpec reports whether a file exists and is a spec, or a part of one.
func isSpec(file string) bool {
	text, err := input.ReadRegular(file, input.MaxSpec)
	return err == nil && spec.LooksLikeSpec(text)
}
