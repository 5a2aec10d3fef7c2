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

// DefaultURL is the URL of the hosted service.
const DefaultURL = "https://app.daytona.io/api"

// Config holds the server, the credentials and the behaviour of a client. A zero field
// means its default. Credentials have no default: either Key, or JWT and Organization,
// must be set.
type Config struct {
	URL          string // of the API, usually ending in /api; default DefaultURL
	Key          string // API key; if it is set, JWT and Organization are not used
	JWT          string // OIDC access token
	Organization string // id of the organisation, for the JWT
	Target       string // region to create sandboxes in, for the caller; the client does not send it

	Origins      Origins           // where the settings come from, for error messages
	Proxy        *httpproxy.Config // nil means the proxies of the environment
	InsecureHTTP bool              // whether credentials may be sent to other machines over plain http

	Version     string            // of the calling program; default "dev"
	RateShare   int               // percent of each rate limit to use, 1 to 100; default 80
	Connections int               // idle connections kept; default 250
	CAFile      string            // PEM certificates to trust in addition to the system's; a regular file, unless CA is set
	CA          []byte            // content of CAFile; nil means that the file is read
	Transport   http.RoundTripper // replaces the network in tests
	Log         *slog.Logger      // gets a debug line for each attempt; nil means none

	// Writes remembers what the client changed. nil means one for this client alone.
	Writes *Writes

	// Limits are what the client shares with others of the same organisation on the same
	// server, such as those with other keys: together they use no more than RateShare. nil
	// means limits of this client alone.
	Limits *Limits

	// NotedLimits are the limits that an earlier client of the same organisation found,
	// from its NotedLimits. nil means none.
	NotedLimits map[RateClass]int

	// Sharding determines which lists of sandboxes are read in shards. It should be ShardNone if
	// the server did not list sandboxes by the beginning of their ids for an earlier client.
	Sharding Sharding

	// OnUnsharded is called once if the client finds that Sharding should be ShardNone. It must
	// not block. nil is not called.
	OnUnsharded func()

	// OnRateLimitWait is called when a request starts to wait 10 seconds or more for a
	// rate limit of the server: once, even if many requests wait for the same moment. It
	// must not block. nil means that waits are not reported.
	OnRateLimitWait func(wait time.Duration)

	// Instrument wraps the round tripper that sends single attempts, to observe them.
	// AttemptFromContext identifies the attempt. nil means no wrapper.
	Instrument func(http.RoundTripper) http.RoundTripper
}

// String returns a text without the credentials.
func (c Config) String() string { return c.URL }

// LogValue returns a value without the credentials.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }

// ConfigError is the error of a configuration that no request can be sent with.
type ConfigError struct {
	Problem string // in words for a user; holds no credentials
}

// Error returns the problem.
func (e *ConfigError) Error() string { return "configuration: " + e.Problem }

// withDefaults returns the configuration with its defaults filled in.
func (c Config) withDefaults() Config {
	c.URL = strings.TrimRight(cmp.Or(strings.TrimSpace(c.URL), DefaultURL), "/")
	c.Version = cmp.Or(c.Version, "dev")
	c.RateShare = cmp.Or(c.RateShare, 80)
	c.Connections = cmp.Or(c.Connections, 250)
	return c
}

// Check returns a *ConfigError if a setting is missing or invalid. It sends nothing.
func (c Config) Check() error {
	problem := cmp.Or(c.withDefaults().checkURL(), c.checkCredentials(), c.checkOrigins())
	if problem == "" && (c.RateShare < 0 || c.RateShare > 100) {
		problem = "the rate share must be 1 to 100 percent"
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
	case err != nil, strings.ContainsFunc(c.URL, isUnprintable): // without the error, which would show a password in the URL
		return from + " is not a URL"
	case u.User != nil:
		return from + " must not contain a user or a password: set DAYTONA_API_KEY instead"
	case u.Scheme != "http" && u.Scheme != "https", u.Host == "":
		return from + " must start with https:// and a host"
	case u.RawQuery != "" || u.Fragment != "":
		return from + " must not have a query or a fragment"
	case u.Scheme == "http" && !c.InsecureHTTP && !isLoopbackHTTP(c.URL):
		return fmt.Sprintf("%s is plain http to another machine, %q: others on the network could read the key; use https://, or allow it with --insecure-http or FLEET_INSECURE_HTTP=1", from, u.Hostname())
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
		return from("DAYTONA_API_KEY") + " contains a space, a line break or a character that is not ASCII"
	case c.Key != "":
		return ""
	case invalidHeaderValue(c.JWT):
		return from("DAYTONA_JWT_TOKEN") + " contains a space, a line break or a character that is not ASCII"
	case c.Organization == "":
		return "a token requires an organisation: set DAYTONA_ORGANIZATION_ID for " + from("DAYTONA_JWT_TOKEN")
	case invalidHeaderValue(c.Organization):
		return c.Origins.Organization.or("DAYTONA_ORGANIZATION_ID").String() + " is not a valid id"
	default:
		return ""
	}
}

// isUnprintable reports whether a rune could change what a terminal shows.
func isUnprintable(r rune) bool { return !unicode.IsPrint(r) }

// invalidHeaderValue reports whether a string cannot be the value of a header.
func invalidHeaderValue(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool {
		return r > unicode.MaxASCII || unicode.IsSpace(r) || unicode.IsControl(r)
	})
}
