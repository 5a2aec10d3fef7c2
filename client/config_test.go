package client

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/dotenv"
)

func TestLoadConfig(t *testing.T) {
	type files map[string]string
	defaults := Config{URL: DefaultURL, Version: "dev", RateShare: 80, Connections: 250}
	with := func(change func(*Config)) Config { c := defaults; change(&c); return c }
	for name, test := range map[string]struct {
		base  Config
		env   map[string]string
		files files
		want  Config
	}{
		"defaults": {want: defaults},
		"flags before the environment": {
			base: Config{Key: "flag", URL: "https://flag/api//"},
			env:  map[string]string{"DAYTONA_API_KEY": "env", "DAYTONA_API_URL": "https://env"},
			want: with(func(c *Config) { c.Key, c.URL = "flag", "https://flag/api" }),
		},
		"environment before files": {
			env:   map[string]string{"DAYTONA_API_KEY": "env"},
			files: files{".env.local": "DAYTONA_API_KEY=local", ".env": "DAYTONA_API_KEY=file"},
			want:  with(func(c *Config) { c.Key = "env" }),
		},
		".env.local before .env, each for its names": {
			files: files{
				".env.local": "export DAYTONA_API_KEY='local' # mine\n",
				".env":       "DAYTONA_API_KEY=file\nDAYTONA_TARGET=\"eu\"\n",
			},
			want: with(func(c *Config) { c.Key, c.Target = "local", "eu" }),
		},
		"a byte order mark before the first name": {
			files: files{".env": "\ufeffDAYTONA_API_KEY=file\r\nDAYTONA_TARGET=eu\r\n"},
			want:  with(func(c *Config) { c.Key, c.Target = "file", "eu" }),
		},
		"an empty variable is none": {
			env:   map[string]string{"DAYTONA_API_KEY": ""},
			files: files{".env": "DAYTONA_API_KEY=file"},
			want:  with(func(c *Config) { c.Key = "file" }),
		},
		"legacy URL": {
			env:  map[string]string{"DAYTONA_SERVER_URL": "https://old/api/"},
			want: with(func(c *Config) { c.URL = "https://old/api" }),
		},
		"the legacy URL comes last": {
			env:   map[string]string{"DAYTONA_SERVER_URL": "https://old"},
			files: files{".env": "DAYTONA_API_URL=https://new"},
			want:  with(func(c *Config) { c.URL = "https://new" }),
		},
		"a token on purpose ignores a key": {
			base: Config{JWT: "flag"},
			env:  map[string]string{"DAYTONA_API_KEY": "env", "DAYTONA_ORGANIZATION_ID": "org"},
			want: with(func(c *Config) { c.JWT, c.Organization = "flag", "org" }),
		},
		"both from the environment": {
			env:  map[string]string{"DAYTONA_API_KEY": "env", "DAYTONA_JWT_TOKEN": "jwt"},
			want: with(func(c *Config) { c.Key, c.JWT = "env", "jwt" }),
		},
		"a dollar is a character": {
			files: files{".env": "CD_x=y\nDAYTONA_API_KEY=dtn_ab$CD_x\n"},
			want:  with(func(c *Config) { c.Key = "dtn_ab$CD_x" }),
		},
		"lines inside of a value are none": {
			files: files{".env": "TEXT='\nDAYTONA_API_KEY=inside\n'\nDAYTONA_TARGET=us\n"},
			want:  with(func(c *Config) { c.Target = "us" }),
		},
		"a token of the environment before a key of a file": {
			env:   map[string]string{"DAYTONA_JWT_TOKEN": "jwt"},
			files: files{".env": "DAYTONA_API_KEY=file\nDAYTONA_ORGANIZATION_ID=org\n"},
			want:  with(func(c *Config) { c.JWT, c.Organization = "jwt", "org" }),
		},
		"files of others may hold anything": {
			files: files{".env": "this is = not $( a file\nMULTI=\"a\nDAYTONA_TARGET=us\n"},
			want:  with(func(c *Config) { c.Target = "us" }),
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			for file, text := range test.files {
				if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			got := LoadConfig(test.base, sourcesOf(t, test.env, dir)...)
			got.Origins = Origins{} // see TestOrigins
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("want -, got +\n%s", diff)
			}
		})
	}
}

// sourcesOf returns an environment and the files of a directory as sources.
func sourcesOf(t *testing.T, env map[string]string, dir string) []Source {
	list := []Source{{Lookup: func(name string) (string, int) { return env[name], 0 }}}
	for _, name := range []string{".env.local", ".env"} {
		file, err := dotenv.ReadFile(filepath.Join(dir, name), "DAYTONA_")
		if err != nil {
			t.Fatal(err)
		}
		if file != nil {
			list = append(list, Source{File: name, Lookup: func(name string) (string, int) {
				v, _ := file.Lookup(name)
				return v.Value, v.Line
			}})
		}
	}
	return list
}

func TestCheck(t *testing.T) {
	for name, test := range map[string]struct {
		config Config
		want   string // in the error; "" for none
	}{
		"key":                        {Config{Key: "k"}, ""},
		"token":                      {Config{JWT: "t", Organization: "o"}, ""},
		"key before token":           {Config{Key: "k", JWT: "t"}, ""},
		"nothing":                    {Config{}, "set DAYTONA_API_KEY"},
		"token without organisation": {Config{JWT: "t"}, "set DAYTONA_ORGANIZATION_ID"},
		"line break in the key":      {Config{Key: "k\n"}, "DAYTONA_API_KEY contains"},
		"no scheme":                  {Config{Key: "k", URL: "app.daytona.io/api"}, "DAYTONA_API_URL must start"},
		"other scheme":               {Config{Key: "k", URL: "ftp://app.daytona.io/api"}, "DAYTONA_API_URL must start"},
		"password":                   {Config{Key: "k", URL: "https://u:geheim@host/api"}, "must not contain a user"},
		"query":                      {Config{Key: "k", URL: "https://host/api?x=1"}, "must not have a query"},
		"bytes":                      {Config{Key: "k", URL: "https://geheim\x00"}, "is not a URL"},
		"plain http":                 {Config{Key: "k", URL: "http://daytona.internal/api"}, `DAYTONA_API_URL is plain http to another machine, "daytona.internal"`},
		"plain http to an address":   {Config{Key: "k", URL: "http://10.0.0.1:3000/api"}, "allow it with --insecure-http or FLEET_INSECURE_HTTP=1"},
		"plain http almost here":     {Config{Key: "k", URL: "http://localhost.example.com/api"}, "plain http to another machine"},
		"plain http by number":       {Config{Key: "k", URL: "http://127.1/api"}, "plain http to another machine"},
		"plain http asked for":       {Config{Key: "k", URL: "http://daytona.internal/api", InsecureHTTP: true}, ""},
		"plain http to localhost":    {Config{Key: "k", URL: "http://localhost:3000/api"}, ""},
		"plain http to loopback":     {Config{Key: "k", URL: "http://127.0.0.2:3000/api"}, ""},
		"plain http to IPv6":         {Config{Key: "k", URL: "http://[::1]:3000/api"}, ""},
		"bidi":                       {Config{Key: "k", URL: "https://geheim.example/\u202eapi"}, "is not a URL"},
		"share":                      {Config{Key: "k", RateShare: 101}, "1 to 100"},
		"CA":                         {Config{Key: "k", CAFile: "config_test.go"}, "no PEM certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(test.config)
			if test.want == "" {
				if err != nil {
					t.Errorf("got %v", err)
				}
				return
			}
			if _, ok := errors.AsType[*ConfigError](err); !ok || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want one with %q", err, test.want)
			}
			if strings.Contains(err.Error(), "geheim") {
				t.Errorf("%v shows a secret", err)
			}
		})
	}
}
