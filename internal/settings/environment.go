// Package settings finds the values that a command reads from its environment
// and from dotenv files: settings of the connection, and variables of specs.
package settings

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fleet/client"
	"fleet/internal/dotenv"
	"fleet/internal/exit"
	"fleet/internal/input"
)

// prefix begins the names of variables that Daytona's SDKs read from dotenv
// files too.
const prefix = "DAYTONA_"

// A Lookup returns a variable of the process, and whether it is set.
type Lookup func(name string) (value string, ok bool)

// An envFile is a dotenv file.
type envFile struct {
	name     string
	explicit bool // named with --env-file, not found in the working directory
	*dotenv.File
}

// An Environment is a list of dotenv files. A variable of the process takes
// precedence over them.
type Environment struct {
	files      []envFile // the first takes precedence
	unreadable []string  // variables that were looked up and have a problem
}

// ReadFiles reads the files of --env-file. The last one takes precedence, as in
// docker compose. Waiting for a file that is a pipe ends with ctx.
func ReadFiles(ctx context.Context, names []string) (*Environment, error) {
	e := &Environment{}
	for _, name := range slices.Backward(names) {
		f, err := readFile(ctx, name)
		if err != nil {
			return nil, exit.Invalidf("--env-file %s: %w", name, err)
		}
		e.files = append(e.files, envFile{name, true, f})
	}
	return e, e.check()
}

// FindFiles reads .env.local and .env of a directory, as far as they exist. The
// first takes precedence.
func FindFiles(dir string) (*Environment, error) {
	e := &Environment{}
	for _, name := range []string{".env.local", ".env"} {
		name = filepath.Join(dir, name)
		f, err := dotenv.ReadFile(name, prefix)
		if err != nil {
			return nil, &client.ConfigError{Problem: fmt.Sprintf("%s: %v", name, err)}
		}
		if f != nil {
			e.files = append(e.files, envFile{name, false, f})
		}
	}
	return e, e.check()
}

// check returns an error for settings that Daytona's SDKs would read in
// different ways.
func (e *Environment) check() error {
	var problems []string
	for _, f := range e.files {
		for _, v := range f.Variables {
			if v.Problem != "" && strings.HasPrefix(v.Name, prefix) {
				problems = append(problems, f.problem(v))
			}
		}
	}
	if len(problems) > 0 {
		return &client.ConfigError{Problem: strings.Join(problems, "\n")}
	}
	return nil
}

func (f envFile) problem(v dotenv.Variable) string {
	return fmt.Sprintf("%s:%d: %s: %s", f.name, v.Line, dotenv.PrintableName(v.Name), v.Problem)
}

// Sources returns where settings of the connection come from, in the order of
// their precedence.
func (e *Environment) Sources(process Lookup) []client.Source {
	list := []client.Source{{Lookup: func(name string) (string, int) {
		value, _ := process(name)
		return value, 0
	}}}
	for _, f := range e.files {
		list = append(list, client.Source{File: f.name, Explicit: f.explicit, Lookup: func(name string) (string, int) {
			v, _ := f.Lookup(name)
			return v.Value, v.Line
		}})
	}
	return list
}

// Variables returns a lookup for specs: variables of the process and of files
// that were named. Variables that cannot be read are set and empty; see
// [Environment.UnreadableError].
func (e *Environment) Variables(process Lookup) Lookup {
	return func(name string) (string, bool) {
		if value, ok := process(name); ok {
			return value, true
		}
		for _, f := range e.files {
			v, ok := f.Lookup(name)
			switch {
			case !ok || !f.explicit:
			case v.Problem != "":
				e.unreadable = append(e.unreadable, f.problem(v))
				return "", true
			default:
				return v.Value, true
			}
		}
		return "", false
	}
}

// UnreadableError returns an error about the variables that were looked up and
// cannot be read, or nil. The nil Environment has none.
func (e *Environment) UnreadableError() error {
	if e == nil || len(e.unreadable) == 0 {
		return nil
	}
	slices.Sort(e.unreadable)
	return exit.Invalidf("%s", strings.Join(slices.Compact(e.unreadable), "\n"))
}

// insecureHTTPVariable allows plain http to other machines.
const insecureHTTPVariable = "FLEET_INSECURE_HTTP"

// InsecureHTTP reports whether plain http to other machines is allowed, by the
// flag or by the environment. A file that was only found in the working
// directory cannot allow it.
func (e *Environment) InsecureHTTP(process Lookup, flag bool) (bool, error) {
	for _, source := range e.Sources(process) {
		value, line := source.Lookup(insecureHTTPVariable)
		if value == "" || source.File != "" && !source.Explicit {
			continue
		}
		allowed, err := strconv.ParseBool(value)
		if err != nil {
			from := client.Origin{Name: insecureHTTPVariable, File: source.File, Line: line}
			return false, exit.Invalidf("%s must be 1 or 0", from)
		}
		return allowed || flag, nil
	}
	return flag, nil
}

// readFile reads a file that the user named. Waiting for a pipe ends with ctx.
func readFile(ctx context.Context, name string) (*dotenv.File, error) {
	f, err := input.OpenNamed(name)
	if err != nil {
		return nil, dotenv.WithoutPath(err)
	}
	defer f.Close()
	return dotenv.Read(input.NewReader(ctx, f), prefix)
}
