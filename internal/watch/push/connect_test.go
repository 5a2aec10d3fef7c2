package push

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// times matches the times in states.
var times = regexp.MustCompile(`\d{4}-\d\d-\d\dT(\d\d:\d\d:\d\d)Z`)

// connection returns the states of the connection, with times of the day.
func (r *rig) connection() string { return times.ReplaceAllString(r.log(), "$1") }

// attempts returns how many attempts to connect failed in the next d.
func (r *rig) attempts(d time.Duration) int {
	before := strings.Count(r.log(), "\n")
	r.run(d)
	return strings.Count(r.log(), "\n") - before
}

// TestReconnect: after the end of a connection another one is tried, at growing intervals, and everything
// is listed once it is there again.
func TestReconnect(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.run(time.Hour)
		r.expect("connected", 0, 1, "start")
		r.network.SetDown(errors.New("no route"))
		r.network.Break()
		r.run(time.Minute)
		if r.Connected() {
			t.Error("connected")
		}
		if n := r.attempts(time.Hour); n < 100 || n > 240 {
			t.Errorf("%d attempts in an hour", n)
		}
		r.expect("down", 0, 0)
		r.network.SetDown(nil)
		r.run(time.Minute)
		r.expect("up again", 0, 1, "platform event: list after a new connection")
		lines := strings.Split(r.connection(), "\n")
		first, last := lines[1], lines[len(lines)-2]
		if want := "reconnecting since 01:00:00: "; !r.Connected() || !strings.HasPrefix(first, want+"the connection broke") || !strings.HasPrefix(last, want) || !strings.Contains(last, "no route") || lines[len(lines)-1] != "connected" {
			t.Errorf("%s ... %s, %s", first, last, lines[len(lines)-1])
		}
	})
}

// TestUnsteady: connections that end soon are repeated less often, and everything is
// listed once a minute at most.
func TestUnsteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		stop := time.NewTicker(733 * time.Millisecond) // at no time of an attempt
		defer stop.Stop()
		end := time.After(10 * time.Minute)
		before := r.network.Dials()
		for done := false; !done; {
			select {
			case <-stop.C:
				r.network.Break()
			case c := <-r.Causes():
				r.pass(c.String())
			case <-end:
				done = true
			}
		}
		if r.lists < 9 || r.lists > 11 {
			t.Errorf("%d lists in 10 minutes", r.lists)
		}
		if n := r.network.Dials() - before; n > 100 { // each list needs a connection, too
			t.Errorf("%d connections", n)
		}
	})
}

// TestNotOffered: a server that refuses is asked again every 10 minutes, and the watch
// works without events.
func TestNotOffered(t *testing.T) {
	for fault, want := range map[string]string{
		"404 /socket.io":                     "not offered by this server: Not Found; next attempt at 00:10:00",
		"401 /socket.io message=no \x1b[31m": `not offered by this server: no  [31m; next attempt at 00:10:00`,
		"event-refuse":                       "not offered by this server: the server refused the connection: Unauthorized; next attempt at 00:10:00",
		"html /socket.io":                    "not offered by this server: the server offers no events; next attempt at 00:10:00",
	} {
		t.Run(fault, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := start(t, fault)
				if !strings.HasPrefix(r.connection(), want) || r.Connected() {
					t.Errorf("got %s", r.connection())
				}
				if n := r.attempts(time.Hour - time.Second); n != 5 {
					t.Errorf("%d attempts in an hour", n)
				}
				r.expect("without events", 0, 0, "start")
				r.control("DELETE", "faults", "")
				r.control("POST", "organization", `{"events": {}}`)
				r.run(10 * time.Minute)
				r.expect("offered now", 0, 1, "platform event: list after a new connection")
			})
		})
	}
}

// TestRefusedForAMoment: a server that offered events does so again soon, such as during
// a deployment; only later it counts as one that offers none.
func TestRefusedForAMoment(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t)
		r.control("POST", "faults", `{"kind": "status", "status": 404, "path": "/socket.io", "count": 3}`)
		r.network.Break()
		r.run(time.Minute)
		if text := r.connection(); !r.Connected() || strings.Contains(text, "not offered") {
			t.Errorf("got %s", text)
		}
		r.control("POST", "faults", `{"kind": "status", "status": 404, "path": "/socket.io"}`)
		r.network.Break()
		r.run(5 * time.Minute)
		if text := r.connection(); r.Connected() || !strings.Contains(text, "not offered") {
			t.Errorf("got %s", text)
		}
	})
}

// TestRetryAfter: a server that asks for a pause gets it.
func TestRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := start(t, "429 /socket.io retry-after=300")
		if n := r.attempts(299 * time.Second); n > 0 {
			t.Errorf("%d attempts", n)
		}
		if !strings.HasPrefix(r.connection(), "reconnecting since 00:00:00: ") {
			t.Errorf("got %s", r.connection())
		}
	})
}

// TestDelays: attempts are 1 to 30 seconds apart, with jitter.
func TestDelays(t *testing.T) {
	for _, random := range []float64{0, 0.5, 0.999} {
		l := New(Options{Random: func() float64 { return random }})
		var a attempts
		var before time.Duration
		for range 100 {
			a.end(false, time.Time{}, time.Time{})
			d := l.delay(&a, errors.New("down"))
			if d < minDelay || d > maxDelay || d < before {
				t.Errorf("%s after %s", d, before)
			}
			before = d
		}
		if want := maxDelay/2 + time.Duration(random*float64(maxDelay/2)); before != want {
			t.Errorf("at the end %s, want %s", before, want)
		}
	}
}
