package client

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// source returns a Source whose variables are all in line 1.
func source(file string, explicit bool, variables ...string) Source {
	return Source{File: file, Explicit: explicit, Lookup: func(name string) (string, int) {
		for _, v := range variables {
			if n, value, _ := strings.Cut(v, "="); n == name {
				return value, 1
			}
		}
		return "", 0
	}}
}

// TestOrigins checks the places that a URL and a key can come from.
func TestOrigins(t *testing.T) {
	const key, url, token = "DAYTONA_API_KEY=k", "DAYTONA_API_URL=https://u", "DAYTONA_JWT_TOKEN=t"
	for name, c := range map[string]struct {
		flag    string // --api-url
		sources []Source
		url     string
		refused []string
	}{
		"one file":              {sources: []Source{source("", false), source(".env", false, key, url)}, url: "https://u"},
		"all environment":       {sources: []Source{source("", false, key, url), source(".env", false, "DAYTONA_API_URL=https://evil")}, url: "https://u"},
		"key of a file":         {sources: []Source{source("", false, url), source(".env", false, key)}, url: "https://u"},
		"flag":                  {flag: "https://f", sources: []Source{source("", false, key), source(".env", false, url)}, url: "https://f"},
		"no credentials":        {sources: []Source{source("", false), source(".env", false, url)}, url: "https://u"},
		"URL of a file":         {sources: []Source{source("", false, key), source(".env", false, url)}, refused: []string{"DAYTONA_API_URL (.env:1)", "DAYTONA_API_KEY in the environment", "--env-file .env"}},
		"old name":              {sources: []Source{source("", false, key), source(".env", false, "DAYTONA_SERVER_URL=https://u")}, refused: []string{"DAYTONA_SERVER_URL (.env:1)"}},
		"new name of a file":    {sources: []Source{source("", false, key, "DAYTONA_SERVER_URL=https://old"), source(".env", false, url)}, refused: []string{"DAYTONA_API_URL (.env:1)"}},
		"with a key of its own": {sources: []Source{source("", false, key), source(".env", false, url, "DAYTONA_API_KEY=other")}, refused: []string{"DAYTONA_API_KEY in the environment"}},
		"token":                 {sources: []Source{source("", false, token), source(".env", false, url)}, refused: []string{"DAYTONA_JWT_TOKEN in the environment"}},
		"token, key of a file":  {sources: []Source{source("", false, token), source(".env", false, url, key)}, refused: []string{"DAYTONA_JWT_TOKEN in the environment"}},
		"two files":             {sources: []Source{source("", false), source(".env.local", false, key), source(".env", false, url)}, refused: []string{"DAYTONA_API_URL (.env:1)", "DAYTONA_API_KEY (.env.local:1)", "--env-file .env"}},
		"two files, reversed":   {sources: []Source{source("", false), source(".env.local", false, url), source(".env", false, key)}, refused: []string{"DAYTONA_API_URL (.env.local:1)", "DAYTONA_API_KEY (.env:1)"}},
		"named":                 {sources: []Source{source("", false, key), source("x.env", true, url)}, url: "https://u"},
		"two named":             {sources: []Source{source("", false), source("b.env", true, key), source("a.env", true, url, "DAYTONA_API_KEY=other")}, url: "https://u"},
		"named with a key":      {sources: []Source{source("", false, key), source("x.env", true, url, "DAYTONA_API_KEY=other")}, refused: []string{"DAYTONA_API_URL (x.env:1)", "DAYTONA_API_KEY in the environment", "DAYTONA_API_KEY (x.env:1); unset DAYTONA_API_KEY"}},
	} {
		t.Run(name, func(t *testing.T) {
			base := Config{URL: c.flag}
			if c.flag != "" {
				base.Origins.URL.Name = "--api-url"
			}
			config := LoadConfig(base, c.sources...)
			config.Organization = "org"
			err := config.CheckOrigins()
			if c.refused == nil {
				if err != nil || config.URL != c.url {
					t.Errorf("got %s, %v", config.URL, err)
				}
				return
			}
			if err == nil {
				t.Fatalf("the credentials of %s would go to %s of %s", config.Origins.Credentials, config.URL, config.Origins.URL)
			}
			for _, want := range c.refused {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want one with %s", err, want)
				}
			}
			if _, made := New(config); made == nil || made.Error() != err.Error() {
				t.Errorf("New returns %v", made)
			}
		})
	}
}

// TestProxies checks that only the environment and named files set proxies.
func TestProxies(t *testing.T) {
	for name, c := range map[string]struct {
		sources []Source
		proxy   string // for the API; "" leaves it to the environment
		origin  string
	}{
		"none":        {sources: []Source{source("", false)}},
		"environment": {sources: []Source{source("", false, "HTTPS_PROXY=http://p:1")}, origin: "HTTPS_PROXY"},
		"found file":  {sources: []Source{source("", false), source(".env", false, "HTTPS_PROXY=http://p:1")}},
		"named file":  {sources: []Source{source("", false), source("x", true, "https_proxy=http://p:1")}, proxy: "http://p:1", origin: "https_proxy (x:1)"},
		"excepted":    {sources: []Source{source("", false, "NO_PROXY=daytona.io"), source("x", true, "HTTPS_PROXY=http://p:1", "NO_PROXY=other")}},
		"overridden":  {sources: []Source{source("", false, "https_proxy=http://q:1"), source("x", true, "HTTPS_PROXY=http://p:1")}, origin: "https_proxy"},
		"for http":    {sources: []Source{source("", false), source("x", true, "HTTP_PROXY=http://p:1")}},
	} {
		t.Run(name, func(t *testing.T) {
			config := LoadConfig(Config{}, c.sources...)
			if got := config.Origins.Proxy.String(); got != c.origin {
				t.Errorf("the proxy comes from %q, want %q", got, c.origin)
			}
			if c.proxy == "" {
				return
			}
			network, err := config.Network()
			if err != nil {
				t.Fatal(err)
			}
			req, err := http.NewRequest(http.MethodGet, DefaultURL, nil)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := network.Proxy(req); err != nil || got == nil || got.String() != c.proxy {
				t.Errorf("got %v, %v, want %s", got, err, c.proxy)
			}
		})
	}
}

func TestOriginsOfSettings(t *testing.T) {
	config := LoadConfig(Config{}, source("", false), source("x", true, "DAYTONA_JWT_TOKEN=t", "DAYTONA_ORGANIZATION_ID=o", "DAYTONA_TARGET=eu"))
	at := func(name string) Origin { return Origin{Name: name, File: "x", Line: 1, Explicit: true} }
	want := Origins{Credentials: at("DAYTONA_JWT_TOKEN"), Organization: at("DAYTONA_ORGANIZATION_ID"), Target: at("DAYTONA_TARGET")}
	if diff := cmp.Diff(want, config.Origins); diff != "" {
		t.Errorf("want -, got +\n%s", diff)
	}
}
