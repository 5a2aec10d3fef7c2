package source

import (
	"net"
	"net/netip"
	"net/url"
	"path"
	"strings"

	"golang.org/x/net/idna"
)

// normalAddress returns the one spelling of the URL of a server, by which fleets that use
// the same server are found: without the default port, a slash at the end, upper case in the
// host, and escapes that are not needed. It returns what is no URL as it is.
func normalAddress(address string) string {
	address = strings.TrimSpace(address)
	u, err := url.Parse(address)
	if err != nil || defaultPorts[u.Scheme] == "" {
		return address
	}
	if u.Host = normalHost(u); u.Host == "" {
		return address
	}
	parts := strings.Split(u.EscapedPath(), "/")
	for i, p := range parts {
		if text, err := url.PathUnescape(p); err == nil {
			parts[i] = url.PathEscape(text)
		}
	}
	escaped := strings.TrimRight(path.Clean("/"+strings.Join(parts, "/")), "/")
	if u.Path, err = url.PathUnescape(escaped); err != nil {
		return address
	}
	u.RawPath = escaped
	return u.String()
}

// defaultPorts are the ports of the schemes.
var defaultPorts = map[string]string{"http": "80", "https": "443"}

// normalHost returns the one spelling of the host and port of a URL.
func normalHost(u *url.URL) string {
	host, port := strings.ToLower(strings.TrimRight(u.Hostname(), ".")), strings.TrimLeft(u.Port(), "0")
	if ip, err := netip.ParseAddr(host); err == nil {
		host = ip.String()
	} else if ascii, err := idna.Lookup.ToASCII(host); err == nil { // as it is sent
		host = ascii
	}
	switch {
	case port != "" && port != defaultPorts[u.Scheme]:
		return net.JoinHostPort(host, port)
	case strings.Contains(host, ":"):
		return "[" + host + "]"
	}
	return host
}

// normalPattern returns a pattern of rules in the spelling of [normalAddress].
func normalPattern(pattern string) string {
	if !strings.ContainsAny(pattern, `*?[\{`) {
		return normalAddress(pattern)
	}
	scheme, rest, found := strings.Cut(strings.TrimRight(pattern, "/"), "://")
	if !found {
		return pattern
	}
	host, file, hasFile := strings.Cut(rest, "/")
	scheme, host = strings.ToLower(scheme), strings.ToLower(host)
	host = strings.TrimSuffix(host, ":"+defaultPorts[scheme])
	if hasFile {
		host += "/"
	}
	return scheme + "://" + host + file
}
