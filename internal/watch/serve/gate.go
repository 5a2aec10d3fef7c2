package serve

import (
	"net/http"
	"strings"
	"time"
)

// Limits of requests.
const (
	maxHeader    = 16 << 10 // bytes
	maxBody      = 4 << 10  // bytes
	readTimeout  = 10 * time.Second
	writeTimeout = 30 * time.Second
	idleTimeout  = 2 * time.Minute
)

// policy is the Content-Security-Policy of everything that is served: pages load their
// own files only, without inline scripts and styles, and no page frames them.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; " +
	"worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// A gate checks the requests of one listener, and serves those that pass.
type gate struct {
	behind http.Handler
	hosts  []string // names and addresses besides the loopback ones
	keys   *keys    // nil if no token is demanded
	public func(path string) bool
	socket bool // the listener is a unix socket: its file permissions are the check
	now    func() time.Time
}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	limit(w, time.Now()) // deadlines of connections are on the clock of the runtime
	secureHeaders(w.Header())
	if isAPI(r.URL.Path) {
		w.Header().Set("Cache-Control", "no-store")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxBody)
	if g.socket {
		g.behind.ServeHTTP(w, r)
		return
	}
	switch {
	case !g.knows(r):
		writeProblem(w, http.StatusMisdirectedRequest, "the host %q is not a name of this server; use its address, or start the watch with --listen-host NAME", cut(r.Host))
	case g.fromElsewhere(r):
		writeProblem(w, http.StatusForbidden, "the request comes from a page of another site (Origin %q); if a proxy changes the header Host, name its host with --listen-host", cut(r.Header.Get("Origin")))
	case r.URL.Path == loginPath && g.keys != nil:
		g.login(w, r)
	case g.keys != nil && !g.public(r.URL.Path) && !g.keys.admit(r, g.now()):
		g.demandToken(w, r)
	default:
		g.behind.ServeHTTP(w, r)
	}
}

// limit sets the deadlines for the body and the response of a request. A connection
// serves several requests one after the other, so each one sets them.
func limit(w http.ResponseWriter, now time.Time) {
	c := http.NewResponseController(w)
	_ = c.SetReadDeadline(now.Add(readTimeout)) // not supported by the recorders of tests
	_ = c.SetWriteDeadline(now.Add(writeTimeout))
}

// secureHeaders restricts what browsers do with a response. A page may replace the
// policy by a stricter one.
func secureHeaders(h http.Header) {
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "same-origin") // with no-referrer, browsers send the login form with Origin: null
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// demandToken responds to a request without a valid token: with the login form to a
// browser that opens a page, and else with an error.
func (g *gate) demandToken(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet && !isAPI(r.URL.Path) && strings.Contains(r.Header.Get("Accept"), "text/html") {
		http.Redirect(w, r, loginPath, http.StatusSeeOther)
		return
	}
	w.Header().Set("WWW-Authenticate", `Bearer realm="fleet watch"`)
	writeProblem(w, http.StatusUnauthorized, "a token is required: send the header Authorization: Bearer TOKEN with the token of --listen-token-file, or log in at %s", loginPath)
}

// fromBrowser reports whether a browser sent a request.
func fromBrowser(h http.Header) bool {
	for _, name := range []string{"Origin", "Sec-Fetch-Site", "Cookie"} {
		if h.Get(name) != "" {
			return true
		}
	}
	return false
}

// cut returns the start of a text of a request, for a message.
func cut(text string) string {
	const most = 100
	if len(text) > most {
		return text[:most] + "..."
	}
	return text
}
