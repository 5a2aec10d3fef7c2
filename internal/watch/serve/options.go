package serve

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"fleet/internal/journal"
)

// DefaultAddress is where a watch listens unless a flag names another address.
const DefaultAddress = "127.0.0.1:7777"

// minToken is the shortest token, in bytes: one that cannot be guessed over a network.
const minToken = 16

// Options are the settings of a server.
type Options struct {
	Journal  *journal.Journal
	Controls journal.Controls

	Page    http.Handler // serves / and all paths that the API does not have; nil serves a page that names the API
	Metrics http.Handler // serves /metrics; nil for none

	Listen string   // TCP address; empty for none
	Hosts  []string // further names, or NAME:PORT, that clients know the server by, such as that of a proxy
	Token  string   // demanded from clients on the TCP address; required unless that is a loopback address

	MetricsPublic bool // serve /metrics without the token
	Pprof         bool // serve /debug/pprof/; refused unless Listen is a loopback address

	Socket string // path of the unix socket, see [OpenSocket]; empty for none

	// MaxSuccessAge is how long ago the last success may be for a watch that is ready.
	// 0 means any time.
	MaxSuccessAge time.Duration

	// LastTurn returns when the loop of the watch turned last. If it is longer ago than
	// TurnLimit, the watch is not alive. A nil LastTurn is derived from the journal: a
	// pass that is due for longer than TurnLimit does not start.
	LastTurn  func() time.Time
	TurnLimit time.Duration // 0 means 2 minutes

	Grace time.Duration    // time for requests in flight at the end; 0 means 3 s
	Now   func() time.Time // nil means time.Now
}

// withDefaults returns the options with their defaults.
func (o Options) withDefaults() Options {
	if o.Page == nil {
		o.Page = http.HandlerFunc(plainPage)
	}
	if o.TurnLimit == 0 {
		o.TurnLimit = 2 * time.Minute
	}
	if o.Grace == 0 {
		o.Grace = 3 * time.Second
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

// Check returns an error for each option that must not be used with the others. Nothing
// listens yet.
func (o Options) Check() error {
	if o.Listen == "" {
		return nil
	}
	address, err := parseAddress(o.Listen)
	if err != nil {
		return err
	}
	var list []error
	for _, name := range o.Hosts {
		if !validHost(name) {
			list = append(list, fmt.Errorf("--listen-host %q: must be a host name, with or without a port, such as watch.example.com", name))
		}
	}
	switch {
	case o.Token == "" && !address.loopback:
		list = append(list, fmt.Errorf("--listen %s: other machines can reach this address, so that a token is required; write one of at least %d characters to a file and name it with --listen-token-file, or listen on 127.0.0.1 only", o.Listen, minToken))
	case o.Token != "" && len(o.Token) < minToken:
		list = append(list, fmt.Errorf("--listen-token-file: the token has %d characters; at least %d are required. openssl rand -hex 32 makes one", len(o.Token), minToken))
	}
	if o.Pprof && !address.loopback {
		list = append(list, fmt.Errorf("--pprof: profiles are served on a loopback address only, and --listen is %s", o.Listen))
	}
	return errors.Join(list...)
}

// plainPage is served if no page is given.
func plainPage(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/" {
		writeProblem(w, http.StatusNotFound, "there is no %s; the API is below /api/", r.URL.Path)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	fmt.Fprintln(w, "fleet watch: see /api/state, /api/events, /healthz, /readyz and /metrics")
}
