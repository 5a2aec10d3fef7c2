package transport

import (
	"net/http"
	"net/url"
)

// Credentials identify the client: an API key, or a token for an organisation.
type Credentials struct {
	Key          string // API key; if it is set, the others are not used
	JWT          string // OIDC access token
	Organization string // id, for the token
}

// Auth identifies the client to servers. Credentials go to one origin only.
type Auth struct {
	Next        http.RoundTripper // the next link
	Credentials Credentials       // sent to Origin only
	Version     string            // of the program
	Origin      string            // that gets the credentials, as OriginOf returns it
}

// OriginOf returns the scheme and the host of an address; "" if it is not a URL.
func OriginOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host
}

// RoundTrip implements http.RoundTripper.
func (t Auth) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	set := req.Header.Set
	set("Accept", "application/json")
	set("User-Agent", UserAgent(t.Version))
	set("X-Daytona-Source", "fleet")
	set("X-Daytona-SDK-Version", t.Version)
	switch {
	case req.URL.Scheme+"://"+req.URL.Host != t.Origin:
	case t.Credentials.Key != "":
		set("Authorization", "Bearer "+t.Credentials.Key)
	default:
		set("Authorization", "Bearer "+t.Credentials.JWT)
		set("X-Daytona-Organization-ID", t.Credentials.Organization)
	}
	return t.Next.RoundTrip(req)
}

// UserAgent returns the value of the User-Agent header for a version of the program.
func UserAgent(version string) string { return "fleet/" + version }

// RefuseRedirect makes an http.Client return a redirect as the response. The API
// never redirects: a redirecting server is not the API, and must not get the key.
func RefuseRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
