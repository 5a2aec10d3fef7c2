package serve

import (
	"fmt"
	"net/http"
	"time"
)

// healthz reports whether the loop of the watch turns. A watch that cannot reach its
// server is alive: to start it again would not help.
func (a *api) healthz(w http.ResponseWriter, _ *http.Request) { writeHealth(w, a.dead()) }

// readyz reports whether the fleet was read and reconciled lately.
func (a *api) readyz(w http.ResponseWriter, _ *http.Request) {
	reason := a.dead()
	if reason == "" {
		reason = a.unready()
	}
	writeHealth(w, reason)
}

// writeHealth responds with ok, or with the reason why it is not. It has no texts of the
// fleet: no token is needed to read it.
func writeHealth(w http.ResponseWriter, reason string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if reason != "" {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, reason)
		return
	}
	fmt.Fprintln(w, "ok")
}

// dead returns why the watch does not work any more, or "" if it does.
func (a *api) dead() string {
	now, limit := a.options.Now(), a.options.TurnLimit
	if a.options.LastTurn != nil {
		if late := now.Sub(a.options.LastTurn()); late > limit {
			return fmt.Sprintf("the loop has not turned for %s", round(late))
		}
		return ""
	}
	if p, ok := a.options.Journal.LastPass(); ok && p.End.IsZero() {
		return "" // a pass may take as long as its operations
	}
	head, _ := a.options.Journal.Head()
	if late := now.Sub(head.NextPass); !head.NextPass.IsZero() && late > limit {
		return fmt.Sprintf("a pass is due for %s and has not started", round(late))
	}
	return ""
}

// unready returns why the fleet may not be as the spec describes, or "".
func (a *api) unready() string {
	head, _ := a.options.Journal.Head()
	if head.LastSuccess.IsZero() {
		return "no pass has succeeded yet"
	}
	if age := a.options.Now().Sub(head.LastSuccess); a.options.MaxSuccessAge > 0 && age > a.options.MaxSuccessAge {
		return fmt.Sprintf("the last pass that succeeded ended %s ago; the limit is %s", round(age), a.options.MaxSuccessAge)
	}
	return ""
}

func round(d time.Duration) time.Duration { return d.Round(time.Second) }
