package client

import (
	"cmp"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"unicode"
)

// DefaultURL is the hosted service.
const DefaultURL = "https://app.daytona.io/api"

// Config says which server to talk to, as whom and how. Zero values mean the
// default; Key, or JWT with Organization, has none.
type Config struct {
	URL          string // of the API, usually ending in /api; default DefaultURL
	URLSource    string // where the URL was set, for errors about it; default DAYTONA_API_URL
	Key          string // API key; where it is set, JWT and Organization are not used
	JWT          string // OIDC access token
	Organization string // id, for a JWT
	Target       string // region to create in; for the caller, not sent by itself

	Version     string            // of the calling program; default "dev"
	RateShare   int               // percent of each rate limit to use, 1 to 100; default 80
	Connections int               // idle connections kept; default 250
	CAFile      string            // PEM certificates to trust besides the system's, a regular file unless CA is set
	CA          []byte            // what CAFile holds; nil to read it
	Transport   http.RoundTripper // stands in for the network in tests
	Log         *slog.Logger      // gets a debug line per request; nil for none

	// Writes remembers what the client does to sandboxes. nil is one of its own.
	Writes *Writes

	// Instrument wraps what sends single attempts, to observe them: AttemptIn
	// tells of each which it is. nil for none.
	Instrument func(http.RoundTripper) http.RoundTripper
}

// String keeps the credentials out of what is printed.
func (c Config) String() string { return c.URL }

// LogValue keeps the credentials out of logs.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// ConfigError is a configuration no request can be sent with.
type ConfigError struct {
	Problem string // in words for a user; holds no credentials
}

func (e *ConfigError) Error() string { return "configuration: " + e.Problem }

// normal is the configuration with its defaults.
func (c Config) normal() Config {
	c.URL = strings.TrimRight(cmp.Or(strings.TrimSpace(c.URL), DefaultURL), "/")
	c.Version = cmp.Or(c.Version, "dev")
	c.RateShare = cmp.Or(c.RateShare, 80)
	c.Connections = cmp.Or(c.Connections, 250)
	return c
}

// Check tells what is missing or cannot be, as a *ConfigError. It sends nothing.
func (c Config) Check() error {
	problem := cmp.Or(c.normal().checkURL(), c.checkCredentials())
	if problem == "" && (c.RateShare < 0 || c.RateShare > 100) {
		problem = "the rate share has to be 1 to 100 percent"
	}
	if problem == "" && c.Connections < 0 {
		problem = "the number of connections cannot be negative"
	}
	if problem == "" {
		return nil
	}
	return &ConfigError{Problem: problem}
}

func (c Config) checkURL() string {
	from := cmp.Or(c.URLSource, "DAYTONA_API_URL")
	u, err := url.Parse(c.URL)
	switch {
	case err != nil: // its text would show a password in the URL
		return from + " is not a URL"
	case u.User != nil:
		return from + " must not hold a user or a password: credentials go into DAYTONA_API_KEY"
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return from + " has to begin with https:// and a host"
	case u.RawQuery != "" || u.Fragment != "":
		return from + " must not have a query or a fragment"
	default:
		return ""
	}
}

func (c Config) checkCredentials() string {
	switch {
	case c.Key == "" && c.JWT == "":
		return "no credentials: set DAYTONA_API_KEY (create a key in the Daytona dashboard), or DAYTONA_JWT_TOKEN and DAYTONA_ORGANIZATION_ID"
	case unfit(c.Key):
		return "DAYTONA_API_KEY holds a space, a line break or a letter that no key has"
	case c.Key != "":
		return ""
	case unfit(c.JWT):
		return "DAYTONA_JWT_TOKEN holds a space, a line break or a letter that no token has"
	case c.Organization == "":
		return "a token needs an organisation: set DAYTONA_ORGANIZATION_ID"
	case unfit(c.Organization):
		return "DAYTONA_ORGANIZATION_ID is not an id"
	default:
		return ""
	}
}

// unfit is true of what cannot be the value of a header.
func unfit(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}
