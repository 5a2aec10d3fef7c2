package serve

import (
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// knows reports whether a header Host names this server. A page of another site can
// make a browser send requests here under a name of its own (DNS rebinding), but not
// under a loopback name, an IP address or a name that the user has listed.
func (g *gate) knows(r *http.Request) bool {
	name := hostName(r.Host)
	switch {
	case name == "":
		return false
	case isLoopback(name), slices.ContainsFunc(g.hosts, func(h string) bool { return hostName(h) == name }):
		return true
	}
	local, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && local.IP.Equal(net.ParseIP(name))
}

// fromElsewhere reports whether the headers of a browser show that a page of another
// origin caused a request. A link on such a page to a page of this server is allowed.
func (g *gate) fromElsewhere(r *http.Request) bool {
	if origin := r.Header.Get("Origin"); origin != "" && !g.isOwnOrigin(origin, r.Host) {
		return true
	}
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "none", "same-origin":
		return false
	}
	return r.Method != http.MethodGet || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document" || isAPI(r.URL.Path)
}

// isOwnOrigin reports whether an origin is this server, reached under the name in the
// header Host or under a name that the user has listed. Both are compared as browsers
// send them: in lower case and without the default port of the scheme.
func (g *gate) isOwnOrigin(origin, host string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.Path != "" || u.RawQuery != "" {
		return false
	}
	own := func(h string) bool { return canonicalHost(u.Scheme, h) == canonicalHost(u.Scheme, u.Host) }
	return hostName(u.Host) != "" && (own(host) || slices.ContainsFunc(g.hosts, own))
}

// canonicalHost returns a host with its port, unless that is the default of the scheme.
func canonicalHost(scheme, host string) string {
	name, port := splitHost(host)
	if port == "" || scheme == "http" && port == "80" || scheme == "https" && port == "443" {
		return name
	}
	return name + " " + port
}

// isAPI reports whether a path is for programs, and not a page.
func isAPI(path string) bool {
	return strings.HasPrefix(path, "/api/") || strings.HasPrefix(path, "/debug/") || path == "/metrics"
}
