package serve

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestToken checks what needs the token, and in which forms it is accepted.
func TestToken(t *testing.T) {
	o := protected(newJournal(), &controls{})
	o.Metrics = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	h := handlerOf(t, o)
	o.MetricsPublic = true
	open := handlerOf(t, o)
	bearer := "Authorization: Bearer " + secret
	for _, c := range []struct {
		handler http.Handler
		path    string
		header  string
		want    int
	}{
		{h, "/api/state", "", 401},
		{h, "/", "", 401},
		{h, "/metrics", "", 401},
		{h, "/unknown", "", 401},
		{h, "/debug/pprof/", "", 401},
		{h, "/healthz", "", 200},
		{h, "/readyz", "", 503},
		{open, "/metrics", "", 200},
		{open, "/api/state", "", 401},
		{h, "/api/../healthz", "", 401},
		{h, "//healthz", "", 401},
		{h, "/healthz/", "", 401},
		{h, "/api/state", bearer, 200},
		{h, "/metrics", bearer, 200},
		{h, "/api/state", "Authorization: bearer " + secret, 200},
		{h, "/api/state", bearer + "x", 401},
		{h, "/api/state", "Authorization: Bearer", 401},
		{h, "/api/state", "Authorization: Bearer ", 401},
		{h, "/api/state", "Authorization: Basic " + secret, 401},
		{h, "/api/state", "Authorization: " + secret, 401},
		{h, "/api/state?token=" + secret, "", 401},
		{h, "/api/state", "Cookie: fleet_watch_=" + secret, 401},
	} {
		r := request("GET", c.path, "", "Host: watch.example.com")
		if name, value, ok := strings.Cut(c.header, ": "); ok {
			r.Header.Set(name, value)
		}
		response, body := respond(c.handler, r)
		if response.StatusCode != c.want {
			t.Errorf("%s with %q: %d %s, want %d", c.path, c.header, response.StatusCode, body, c.want)
		}
		if c.want == 401 && (response.Header.Get("WWW-Authenticate") == "" || !strings.Contains(body, "--listen-token-file")) {
			t.Errorf("%s: the response does not explain what to do: %s", c.path, body)
		}
	}
}

// TestLogin logs in as a browser does, and uses the session until it ends.
func TestLogin(t *testing.T) {
	now := time.Now()
	o := protected(newJournal(), &controls{})
	o.Now = func() time.Time { return now }
	h := handlerOf(t, o)
	page := request("GET", "/", "", "Host: watch.example.com", "Accept: text/html,*/*")
	if response, _ := respond(h, page); response.StatusCode != http.StatusSeeOther || response.Header.Get("Location") != "/login" {
		t.Fatalf("a page without a session: %d to %q", response.StatusCode, response.Header.Get("Location"))
	}
	if response, body := respond(h, request("GET", "/login", "", "Host: watch.example.com")); response.StatusCode != http.StatusOK || !strings.Contains(body, `type="password"`) {
		t.Fatalf("the form: %d %s", response.StatusCode, body)
	}
	post := func(token string, headers ...string) (*http.Response, string) {
		return respond(h, request("POST", "/login", "token="+token, append(headers, "Host: watch.example.com", "Content-Type: application/x-www-form-urlencoded")...))
	}
	if response, body := post("wrong" + secret); response.StatusCode != http.StatusForbidden || len(response.Cookies()) != 0 || strings.Contains(body, secret) {
		t.Errorf("a wrong token: %d %v", response.StatusCode, response.Cookies())
	}
	if response, _ := post(secret, "Origin: https://evil.example"); response.StatusCode != http.StatusForbidden || len(response.Cookies()) != 0 {
		t.Errorf("a form on another site: %d %v", response.StatusCode, response.Cookies())
	}
	response, _ := post(secret, "Origin: https://watch.example.com", "X-Forwarded-Proto: https")
	if response.StatusCode != http.StatusSeeOther || len(response.Cookies()) != 1 {
		t.Fatalf("the login: %d %v", response.StatusCode, response.Cookies())
	}
	c := response.Cookies()[0]
	if !c.HttpOnly || !c.Secure || c.SameSite != http.SameSiteStrictMode || strings.Contains(c.Value, secret) {
		t.Errorf("cookie: %v", c)
	}
	state := func(h http.Handler, value string) int {
		response, _ := respond(h, request("GET", "/api/state", "", "Host: watch.example.com", "Cookie: "+c.Name+"="+value))
		return response.StatusCode
	}
	if got := state(h, c.Value); got != 200 {
		t.Errorf("with the session: %d", got)
	}
	if got := state(handlerOf(t, o), c.Value); got != 200 {
		t.Errorf("after a restart: %d", got)
	}
	behindProxy := request("GET", "/api/state", "", "Host: watch.example.com", "Authorization: Basic dXNlcjpwYXNz", "Cookie: "+c.Name+"="+c.Value)
	if response, _ := respond(h, behindProxy); response.StatusCode != http.StatusOK {
		t.Errorf("with the session, behind a proxy with passwords: %d", response.StatusCode)
	}
	end, signature, _ := strings.Cut(c.Value, ".")
	for _, value := range []string{"", ".", end, end + ".", end + ".00", "9" + end + "." + signature, signature, c.Value + "00"} {
		if got := state(h, value); got != 401 {
			t.Errorf("with the forged session %q: %d", value, got)
		}
	}
	other := o
	other.Token = "another" + secret
	if got := state(handlerOf(t, other), c.Value); got != 401 {
		t.Errorf("after a change of the token: %d", got)
	}
	now = now.Add(sessionPeriod)
	if got := state(h, c.Value); got != 401 {
		t.Errorf("after its end: %d", got)
	}
}
