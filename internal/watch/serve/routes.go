package serve

import (
	"net/http"
	"net/http/pprof"
	"slices"
	"strings"
)

// A route is something that is served.
type route struct {
	method, path string
	serve        http.HandlerFunc
	public       bool // without the token: it reveals nothing of the fleet
}

// routes returns everything that is served besides the page.
func (a *api) routes() []route {
	list := []route{
		{method: http.MethodGet, path: "/api/state", serve: a.state},
		{method: http.MethodGet, path: "/api/events", serve: a.events},
		{method: http.MethodPost, path: "/api/reconcile", serve: a.reconcile},
		{method: http.MethodPost, path: "/api/approve", serve: a.approve},
		{method: http.MethodPost, path: "/api/pause", serve: a.pause},
		{method: http.MethodPost, path: "/api/resume", serve: a.resume},
		{method: http.MethodGet, path: "/healthz", serve: a.healthz, public: true},
		{method: http.MethodGet, path: "/readyz", serve: a.readyz, public: true},
	}
	if a.options.Metrics != nil {
		list = append(list, route{method: http.MethodGet, path: "/metrics", serve: a.options.Metrics.ServeHTTP, public: a.options.MetricsPublic})
	}
	if a.options.Pprof {
		for path, serve := range map[string]http.HandlerFunc{"": pprof.Index, "cmdline": pprof.Cmdline, "profile": pprof.Profile, "symbol": pprof.Symbol, "trace": pprof.Trace} {
			list = append(list, route{method: http.MethodGet, path: "/debug/pprof/" + path, serve: unlimited(serve)})
		}
	}
	return list
}

// handler returns the handler of all routes and the page, and which paths need no token.
func (a *api) handler() (h http.Handler, public func(path string) bool) {
	list := a.routes()
	mux := http.NewServeMux()
	for _, r := range list {
		mux.Handle(r.path, r)
	}
	mux.HandleFunc("/api/", unknownPath)
	mux.HandleFunc("/debug/", unknownPath)
	if a.options.Metrics == nil {
		mux.HandleFunc("/metrics", unknownPath)
	}
	mux.Handle("/", a.options.Page)
	return mux, func(path string) bool {
		return slices.ContainsFunc(list, func(r route) bool { return r.public && r.path == path })
	}
}

// ServeHTTP refuses methods that the route does not have.
func (known route) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != known.method && (known.method != http.MethodGet || r.Method != http.MethodHead) {
		w.Header().Set("Allow", known.method)
		writeProblem(w, http.StatusMethodNotAllowed, "%s needs %s, not %s", known.path, known.method, cut(r.Method))
		return
	}
	known.serve(w, r)
}

func unknownPath(w http.ResponseWriter, r *http.Request) {
	what := "the API has no %s"
	switch {
	case strings.HasPrefix(r.URL.Path, "/debug/"):
		what = "%s is not served; start the watch with --pprof"
	case r.URL.Path == "/metrics":
		what = "%s is not served by this watch"
	}
	writeProblem(w, http.StatusNotFound, what, cut(r.URL.Path))
}

// unlimited removes the deadlines of a request whose response takes long.
func unlimited(serve http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		removeDeadlines(w)
		serve(w, r)
	}
}
