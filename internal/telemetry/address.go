package telemetry

import (
	"net"
	"net/url"
	"strconv"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"fleet/client"
)

// redacted stands for parts of an address that name an object or grant access.
const redacted = "REDACTED"

// serverAttributes returns the server that a URL names.
func serverAttributes(u *url.URL, class client.RateClass) []attribute.KeyValue {
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		if port = 443; u.Scheme == "http" {
			port = 80
		}
	}
	return []attribute.KeyValue{attrServer.String(publicHost(u.Hostname(), class)), attrPort.Int(port)}
}

// publicHost returns a host without the id of the sandbox in its first label, which the
// addresses of previews have.
func publicHost(host string, class client.RateClass) string {
	_, rest, labels := strings.Cut(host, ".")
	if class != client.RatePreview || !labels || net.ParseIP(host) != nil {
		return host
	}
	return redacted + "." + rest
}

// publicURL returns the address of a request without user, query and fragment, and with
// REDACTED for the elements of its path that name or set something: those with a
// placeholder in the template of the path. A path that does not match its template is
// redacted as a whole.
func publicURL(u *url.URL, template string, class client.RateClass) string {
	host := publicHost(u.Hostname(), class)
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	if u.Port() != "" {
		host += ":" + u.Port()
	}
	return u.Scheme + "://" + host + publicPath(u.EscapedPath(), template)
}

func publicPath(path, template string) string {
	elements, pattern := strings.Split(path, "/"), strings.Split(strings.TrimPrefix(template, "/"), "/")
	first := len(elements) - len(pattern)
	if template == "" || first < 0 {
		return "/" + redacted
	}
	for i, want := range pattern {
		switch {
		case strings.HasPrefix(want, "{"):
			elements[first+i] = redacted
		case elements[first+i] != want:
			return "/" + redacted
		}
	}
	return strings.Join(elements, "/")
}
