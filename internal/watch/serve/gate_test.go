package serve

import (
	"context"
	"net"
	"net/http"
	"strings"
	"testing"
)

// TestHosts checks which headers Host are served: a page that rebinds its name to this
// machine must read nothing.
func TestHosts(t *testing.T) {
	h := handlerOf(t, Options{Journal: newJournal(), Controls: &controls{}, Listen: "127.0.0.1:7777", Hosts: []string{"watch.example.com", "proxy.example.com:8443"}})
	for host, want := range map[string]int{
		"127.0.0.1:7777": 200, "127.0.0.1": 200, "127.8.9.1:7777": 200, "localhost:7777": 200, "LOCALHOST:7777": 200, "localhost.:7777": 200,
		"[::1]:7777": 200, "[::1]": 200, "localhost:9999": 200, // a forwarded port
		"watch.example.com": 200, "watch.example.com:443": 200, "Watch.Example.com.": 200, "proxy.example.com": 200,
		"evil.example": 421, "evil.example:7777": 421, "localhost.evil.example": 421, "127.0.0.1.evil.example": 421, "watch.example.com.evil.example": 421,
		"192.0.2.1:7777": 421, "[::2]:7777": 421, "[::1": 421, "[::1]x": 421, "[localhost]:7777": 421, "::1": 421, "": 421, ":7777": 421, "0": 421, "2130706433": 421,
	} {
		r := request("GET", "/api/state", "")
		r.Host = host
		if response, body := respond(h, r); response.StatusCode != want {
			t.Errorf("Host %q: %d %s, want %d", host, response.StatusCode, body, want)
		}
	}
}

// TestHostOfAnyAddress checks that a watch on all addresses is served under the one that
// the connection has come to, as probes and scrapers use it.
func TestHostOfAnyAddress(t *testing.T) {
	g := &gate{}
	for host, want := range map[string]bool{"192.0.2.7:7777": true, "[::ffff:192.0.2.7]:7777": true, "192.0.2.8:7777": false, "evil.example": false} {
		r := request("GET", "/api/state", "")
		r.Host = host
		r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, net.Addr(&net.TCPAddr{IP: net.IPv4(192, 0, 2, 7), Port: 7777})))
		if got := g.knows(r); got != want {
			t.Errorf("Host %q: %v, want %v", host, got, want)
		}
	}
}

// TestOrigins checks which headers of browsers may write.
func TestOrigins(t *testing.T) {
	h := handlerOf(t, Options{Journal: newJournal(), Controls: &controls{}, Listen: "127.0.0.1:7777", Hosts: []string{"watch.example.com", "watch.example.net:8443"}})
	type headers = []string
	for _, c := range []struct {
		headers headers
		want    int
	}{
		{headers{"Origin: http://127.0.0.1:7777"}, 202},
		{headers{"Host: localhost:7777", "Origin: http://localhost:7777", "Sec-Fetch-Site: same-origin"}, 202},
		{headers{"Host: LocalHost:7777", "Origin: http://localhost:7777"}, 202},
		{headers{"Host: [::1]:7777", "Origin: http://[::1]:7777"}, 202},
		{headers{"Host: localhost", "Origin: http://localhost"}, 202},
		{headers{"Host: localhost:80", "Origin: http://localhost"}, 202},
		{headers{"Host: watch.example.com", "Origin: https://watch.example.com"}, 202},
		{headers{"Host: watch.example.com:443", "Origin: https://watch.example.com"}, 202},
		{headers{"Origin: https://watch.example.com"}, 202}, // a proxy replaced Host
		{headers{"Origin: https://watch.example.net:8443"}, 202},
		{headers{"Sec-Fetch-Site: none"}, 202},
		{nil, 202}, // no browser

		{headers{"Origin: http://localhost:3000"}, 403}, // another program on this machine
		{headers{"Host: localhost:7777", "Origin: http://127.0.0.2:7777"}, 403},
		{headers{"Origin: http://127.0.0.1"}, 403},
		{headers{"Origin: http://127.0.0.1:77770"}, 403},
		{headers{"Origin: https://evil.example"}, 403},
		{headers{"Origin: https://watch.example.com.evil.example"}, 403},
		{headers{"Origin: https://watch.example.com@evil.example"}, 403},
		{headers{"Origin: https://evil.example/?https://watch.example.com"}, 403},
		{headers{"Host: watch.example.com:80", "Origin: https://watch.example.com:80"}, 202},
		{headers{"Origin: https://watch.example.net"}, 403},
		{headers{"Origin: null"}, 403},
		{headers{"Origin: file://"}, 403},
		{headers{"Origin: http://"}, 403},
		{headers{"Origin: http://[::1"}, 403},
		{headers{"Origin: ftp://127.0.0.1:7777"}, 403},
		{headers{"Sec-Fetch-Site: cross-site"}, 403},
		{headers{"Sec-Fetch-Site: same-site"}, 403},
		{headers{"Sec-Fetch-Site: cross-site", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"}, 403},
		{headers{"Origin: http://127.0.0.1:7777", "Sec-Fetch-Site: same-site"}, 403},
	} {
		r := request("POST", "/api/reconcile", "{}", append(c.headers, "Content-Type: application/json")...)
		if response, body := respond(h, r); response.StatusCode != c.want {
			t.Errorf("%q: %d %s, want %d", c.headers, response.StatusCode, body, c.want)
		}
	}
}

// TestReadsFromElsewhere checks that pages of other sites can link to the page, and read
// or embed nothing.
func TestReadsFromElsewhere(t *testing.T) {
	h := handlerOf(t, options(newJournal(), &controls{}))
	const link = "Sec-Fetch-Mode: navigate"
	for _, c := range []struct {
		path    string
		headers []string
		want    int
	}{
		{"/", []string{link, "Sec-Fetch-Dest: document"}, 200},
		{"/", []string{link, "Sec-Fetch-Dest: iframe"}, 403},
		{"/", []string{"Sec-Fetch-Mode: no-cors", "Sec-Fetch-Dest: script"}, 403},
		{"/api/state", []string{link, "Sec-Fetch-Dest: document"}, 403},
		{"/api/events", []string{"Sec-Fetch-Mode: cors", "Origin: https://evil.example"}, 403},
	} {
		r := request("GET", c.path, "", append(c.headers, "Sec-Fetch-Site: cross-site")...)
		if response, _ := respond(h, r); response.StatusCode != c.want {
			t.Errorf("%s %q: %d, want %d", c.path, c.headers, response.StatusCode, c.want)
		}
	}
}

// TestHeaders checks the headers of everything that is served, errors included.
func TestHeaders(t *testing.T) {
	h := handlerOf(t, protected(newJournal(), &controls{}))
	for _, path := range []string{"/", "/api/state", "/healthz", "/login", "/unknown"} {
		for _, host := range []string{"watch.example.com", "evil.example"} {
			response, body := respond(h, request("GET", path, "", "Host: "+host, "Authorization: Bearer "+secret))
			for name, want := range map[string]string{
				"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
				"Referrer-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Content-Type": "/",
			} {
				if got := response.Header.Get(name); !strings.Contains(got, want) {
					t.Errorf("%s %s: %s: %q, want %q", host, path, name, got, want)
				}
			}
			if strings.Contains(response.Header.Get("Content-Security-Policy"), "unsafe") || strings.Contains(body, "<script") || strings.Contains(body, "<style") || strings.Contains(body, "style=") {
				t.Errorf("%s has inline scripts or styles", path)
			}
			if path == "/api/state" && response.Header.Get("Cache-Control") != "no-store" {
				t.Errorf("%s may be cached", path)
			}
		}
	}
}

// TestCheck checks which addresses and options are refused before anything listens.
func TestCheck(t *testing.T) {
	for _, c := range []struct {
		options Options
		want    string // in the error; empty for none
	}{
		{Options{Listen: "127.0.0.1:7777"}, ""},
		{Options{Listen: "localhost:0"}, ""},
		{Options{Listen: "[::1]:7777"}, ""},
		{Options{}, ""},
		{Options{Listen: "127.0.0.1:7777", Pprof: true}, ""},
		{Options{Listen: "0.0.0.0:7777", Token: secret}, ""},
		{Options{Listen: ":7777", Token: secret}, ""},
		{Options{Listen: ":7777"}, "a token is required"},
		{Options{Listen: "0.0.0.0:7777"}, "a token is required"},
		{Options{Listen: "[::]:7777"}, "a token is required"},
		{Options{Listen: "192.0.2.7:7777"}, "a token is required"},
		{Options{Listen: "example.com:7777"}, "a token is required"},
		{Options{Listen: "localhost.example.com:7777"}, "a token is required"},
		{Options{Listen: "127.0.0.1:7777", Token: "short"}, "at least 16"},
		{Options{Listen: "192.0.2.7:7777", Token: secret, Pprof: true}, "--pprof"},
		{Options{Listen: "7777"}, "HOST:PORT"},
		{Options{Listen: "127.0.0.1"}, "HOST:PORT"},
		{Options{Listen: "127.0.0.1:http"}, "port"},
		{Options{Listen: "127.0.0.1:70000"}, "port"},
		{Options{Listen: "::1:7777"}, "HOST:PORT"},
		{Options{Listen: "127.0.0.1:7777", Hosts: []string{"https://watch.example.com"}}, "--listen-host"},
		{Options{Listen: "127.0.0.1:7777", Hosts: []string{"*"}}, "--listen-host"},
		{Options{Listen: "127.0.0.1:7777", Hosts: []string{""}}, "--listen-host"},
		{Options{Listen: "127.0.0.1:7777", Hosts: []string{"watch.example.com:8443", "192.0.2.7", "[2001:db8::1]:80"}}, ""},
	} {
		err := c.options.Check()
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v, want %q", c.options, err, c.want)
		}
	}
	err := Options{Listen: "192.0.2.7:1", Hosts: []string{"*"}, Pprof: true}.Check()
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("three mistakes are reported as %v", err)
	}
}

// FuzzHosts checks that no header is taken for a loopback name that does not end with one.
func FuzzHosts(f *testing.F) {
	for _, s := range []string{"localhost:1", "[::1]:7777", "evil.example", "[::1%25lo]", "127.0.0.1:", "[", "]:"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, host string) {
		name, port := splitHost(host)
		if isLoopback(name) && net.ParseIP(name) == nil && name != "localhost" {
			t.Errorf("%q is taken for a loopback name", host)
		}
		if strings.ContainsAny(name, "/@[] ") && validHost(host) {
			t.Errorf("%q is taken for a host name (%q, %q)", host, name, port)
		}
	})
}
