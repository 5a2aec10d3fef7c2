package cli

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"fleet/client"
	"fleet/internal/dotenv"
	"fleet/internal/input"
)

// settingPrefix begins the names of variables that Daytona's SDKs read from
// dotenv files too.
const settingPrefix = "DAYTONA_"

// An envFile is a dotenv file that was read.
type envFile struct {
	name     string
	explicit bool // named by --env-file
	*dotenv.File
}

// environment is what a command reads settings and values from besides its
// flags: the variables of the process, then the dotenv files.
type environment struct {
	files      []envFile // the first takes precedence
	unreadable []string  // what was asked for and cannot be read
}

// environment returns what specs read values from: the environment and the files
// of --env-file. It reads these once: one may be a pipe.
func (a *app) environment() (*environment, error) {
	if a.variables != nil {
		return a.variables, nil
	}
	e := &environment{}
	for _, name := range slices.Backward(a.envFiles) { // the last precedes, as with docker compose
		f, err := readEnvFile(a.interrupt.ctx, name)
		if err != nil {
			return nil, invalid("--env-file %s: %w", name, err)
		}
		e.files = append(e.files, envFile{name, true, f})
	}
	if err := e.check(); err != nil {
		return nil, err
	}
	a.variables = e
	return e, nil
}

// settings returns what settings of the connection come from: the environment and
// the files of --env-file, or else those of the working directory.
func (a *app) settings() (*environment, error) {
	e, err := a.environment()
	if err != nil || a.Dir == "" || len(a.envFiles) > 0 {
		return e, err
	}
	e = &environment{}
	for _, name := range []string{".env.local", ".env"} {
		name = filepath.Join(a.Dir, name)
		f, err := dotenv.ReadFile(name, settingPrefix)
		if err != nil {
			return nil, &client.ConfigError{Problem: fmt.Sprintf("%s: %v", name, err)}
		}
		if f != nil {
			e.files = append(e.files, envFile{name, false, f})
		}
	}
	return e, e.check()
}

// check refuses settings that Daytona's SDKs would not all read alike.
func (e *environment) check() error {
	var problems []string
	for _, f := range e.files {
		for _, v := range f.Variables {
			if v.Problem != "" && strings.HasPrefix(v.Name, settingPrefix) {
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

// sources returns the places that settings of the connection come from.
func (e *environment) sources(lookup func(string) (string, bool)) []client.Source {
	list := []client.Source{{Lookup: func(name string) (string, int) {
		value, _ := lookup(name)
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

// lookup returns a variable of the process or of a file that was named. A
// variable that cannot be read is remembered for refusal.
func (e *environment) lookup(process func(string) (string, bool)) func(string) (string, bool) {
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

// unreadableError is an error about the variables that were asked for and cannot be read.
func (e *environment) unreadableError() error {
	if e == nil || len(e.unreadable) == 0 {
		return nil
	}
	slices.Sort(e.unreadable)
	return invalid("%s", strings.Join(slices.Compact(e.unreadable), "\n"))
}

// insecureHTTPAllowed reports whether plain http is allowed. A file that was only found
// does not allow it.
func (a *app) insecureHTTPAllowed(e *environment) (bool, error) {
	const name = "FLEET_INSECURE_HTTP"
	for _, source := range e.sources(a.Lookup) {
		value, line := source.Lookup(name)
		if value == "" || source.File != "" && !source.Explicit {
			continue
		}
		allowed, err := strconv.ParseBool(value)
		if err != nil {
			from := client.Origin{Name: name, File: source.File, Line: line}
			return false, invalid("%s has to be 1 or 0", from)
		}
		return allowed || a.insecureHTTP, nil
	}
	return a.insecureHTTP, nil
}

// readEnvFile reads a file that the user named: it may be a pipe, and waiting for
// one ends with the context.
func readEnvFile(ctx context.Context, name string) (*dotenv.File, error) {
	f, err := input.OpenNamed(name)
	if err != nil {
		return nil, dotenv.WithoutPath(err)
	}
	defer f.Close()
	return dotenv.Read(input.NewReader(ctx, f), settingPrefix)
}
