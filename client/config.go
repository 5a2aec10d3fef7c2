package client

import (
	"cmp"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"

	"golang.org/x/net/http/httpproxy"
)

// DefaultURL is the hosted service.
const DefaultURL = "https://app.daytona.io/api"

// Config says which server to talk to, as whom and how. Zero values mean the
// default; Key, or JWT with Organization, has none.
type Config struct {
	URL          string // of the API, usually ending in /api; default DefaultURL
	Key          string // API key; where it is set, JWT and Organization are not used
	JWT          string // OIDC access token
	Organization string // id, for a JWT
	Target       string // region to create in; for the caller, not sent by itself

	Origins      Origins           // where settings were set, for errors about them
	Proxy        *httpproxy.Config // nil for the proxies of the environment
	InsecureHTTP bool              // whether credentials may go to other machines over plain http

	Version     string            // of the calling program; default "dev"
	RateShare   int               // percent of each rate limit to use, 1 to 100; default 80
	Connections int               // idle connections kept; default 250
	CAFile      string            // PEM certificates to trust besides the system's, a regular file unless CA is set
	CA          []byte            // what CAFile holds; nil to read it
	Transport   http.RoundTripper // stands in for the network in tests
	Log         *slog.Logger      // gets a debug line per request; nil for none

	// Writes remembers what the client does to sandboxes. nil is one of its own.
	Writes *Writes

	// OnRateLimitWait is called when requests begin to wait 10 seconds or more for a rate
	// limit of the server, once for all that wait for the same moment. It must not
	// block. nil for none.
	OnRateLimitWait func(wait time.Duration)

	// Instrument wraps what sends single attempts, to observe them: AttemptFromContext
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

// withDefaults is the configuration with its defaults.
func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(cmp.Or(strings.TrimSpace(c.URL), DefaultURL), "/")
	c.Version = cmp.Or(c.Version, "dev")
	c.RateShare = cmp.Or(c.RateShare, 80)
	c.Connections = cmp.Or(c.Connections, 250)
	return c
}

// Check tells what is missing or cannot be, as a *ConfigError. It sends nothing.
func (c Config) Check() error {
	problem := cmp.Or(c.withDefaults().checkURL(), c.checkCredentials(), c.checkOrigins())
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
	from := c.Origins.URL.or("DAYTONA_API_URL").String()
	u, err := url.Parse(c.URL)
	switch {
	case err != nil, strings.ContainsFunc(c.URL, isUnprintable): // its text would show a password in the URL
		return from + " is not a URL"
	case u.User != nil:
		return from + " must not hold a user or a password: credentials go into DAYTONA_API_KEY"
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return from + " has to begin with https:// and a host"
	case u.RawQuery != "" || u.Fragment != "":
		return from + " must not have a query or a fragment"
	case u.Scheme == "http" && !c.InsecureHTTP && !isLoopbackHTTP(c.URL):
		return fmt.Sprintf("%s is plain http to another machine, %q: everyone on the way could read the key; use https://, or allow it with --insecure-http or FLEET_INSECURE_HTTP=1", from, u.Hostname())
	default:
		return ""
	}
}

func (c Config) checkCredentials() string {
	from := func(name string) string { return c.Origins.Credentials.or(name).String() }
	switch {
	case c.Key == "" && c.JWT == "":
		return "no credentials: set DAYTONA_API_KEY (create a key in the Daytona dashboard), or DAYTONA_JWT_TOKEN and DAYTONA_ORGANIZATION_ID"
	case invalidHeaderValue(c.Key):
		return from("DAYTONA_API_KEY") + " holds a space, a line break or a letter that no key has"
	case c.Key != "":
		return ""
	case invalidHeaderValue(c.JWT):
		return from("DAYTONA_JWT_TOKEN") + " holds a space, a line break or a letter that no token has"
	case c.Organization == "":
		return "a token needs an organisation: set DAYTONA_ORGANIZATION_ID for " + from("DAYTONA_JWT_TOKEN")
	case invalidHeaderValue(c.Organization):
		return c.Origins.Organization.or("DAYTONA_ORGANIZATION_ID").String() + " is not an id"
	default:
		return ""
	}
}

// isUnprintable reports whether a rune could change what a terminal shows.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// invalidHeaderValue is true of what cannot be the value of a header.
func invalidHeaderValue(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}
