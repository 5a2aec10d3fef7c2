package client

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/joho/godotenv"

	"fleet/internal/input"
)

// LoadConfig fills what base leaves empty: from the process environment, then
// from .env.local and .env in dir (none when dir is ""), then with defaults.
// Of the files only names that begin with DAYTONA_ are read, and nothing is
// put into the environment. An empty variable counts as none. lookup nil means
// os.LookupEnv. The error is a *ConfigError; Check is left to the caller.
func LoadConfig(base Config, lookup func(string) (string, bool), dir string) (Config, error) {
	if lookup == nil {
		lookup = os.LookupEnv
	}
	sources := []func(string) (string, bool){lookup}
	if dir != "" {
		for _, name := range []string{".env.local", ".env"} {
			variables, err := readVariables(filepath.Join(dir, name))
			if err != nil {
				return base, err
			}
			sources = append(sources, func(name string) (string, bool) { value, ok := variables[name]; return value, ok })
		}
	}
	fill := func(field *string, names ...string) {
		for _, name := range names {
			for _, source := range sources {
				if value, _ := source(name); *field == "" {
					*field = strings.TrimSpace(value)
				}
			}
		}
	}
	explicitToken := base.JWT != "" && base.Key == ""
	if !explicitToken { // who names a token means it, whatever key is about
		fill(&base.Key, "DAYTONA_API_KEY")
	}
	fill(&base.JWT, "DAYTONA_JWT_TOKEN")
	fill(&base.Organization, "DAYTONA_ORGANIZATION_ID")
	fill(&base.URL, "DAYTONA_API_URL", "DAYTONA_SERVER_URL")
	fill(&base.Target, "DAYTONA_TARGET")
	return base.normal(), nil
}

// readVariables reads the DAYTONA_ lines of a file that need not exist. Its
// errors do not show them: they hold the key.
func readVariables(file string) (map[string]string, error) {
	data, err := input.Regular(file, input.MaxSettings)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, &ConfigError{Problem: err.Error()}
	}
	var lines []string
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		line = strings.TrimPrefix(strings.TrimSpace(line), "export ")
		if strings.HasPrefix(strings.TrimSpace(line), "DAYTONA_") {
			lines = append(lines, line)
		}
	}
	variables, err := godotenv.Unmarshal(strings.Join(lines, "\n"))
	if err != nil {
		return nil, &ConfigError{Problem: file + ": the lines that begin with DAYTONA_ cannot be read as NAME=value"}
	}
	return variables, nil
}
