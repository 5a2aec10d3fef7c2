package push

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fleet/client"
)

// TestReports: events only report how an object got into its known state if they end in
// it, and name no other state in which objects rest.
func TestReports(t *testing.T) {
	for _, c := range []struct {
		known  string // "" if the object is not known
		events string // states; with a * those of snapshot.removed
		want   bool
	}{
		{"stopped", "stopping stopped", true},
		{"stopped", "stopped", true},
		{"stopped", "stopped stopped", true}, // doubled
		{"stopped", "stopping", false},
		{"stopped", "stopped stopping", false}, // out of order
		{"stopped", "started stopping stopped", false},
		{"started", "stopping stopped starting started", false},
		{"started", "creating started", true},
		{"started", "pending_build building_snapshot creating started", true},
		{"started", "resizing started", true},
		{"started", "error", false},
		{"started", "error starting started", false},
		{"error", "creating error", true},
		{"build_failed", "building_snapshot build_failed", true},
		{"archived", "archiving archived", true},
		{"paused", "pausing paused", true},
		{"active", "pending building active", true},
		{"ready", "creating ready", true},
		{"", "destroying destroyed", true},
		{"", "destroyed", true},
		{"", "*", true},
		{"", "deleting deleted", true},
		{"", "started destroying destroyed", false},
		{"", "stopped", false},
		{"destroying", "destroying destroyed", true},
		{"started", "destroyed", false},
		{"started", "", false}, // an event without a state
		{"strange", "strange", true},
		{"strange", "stranger", false},
	} {
		ms := marks{known: map[string]string{"a": c.known}}
		if c.known == "" {
			ms.known = map[string]string{}
		}
		for _, s := range strings.Split(c.events, " ") {
			e := client.Event{Kind: client.SandboxStateUpdated, ID: "a", NewState: client.State(s)}
			if s == "*" {
				e = client.Event{Kind: client.SnapshotRemoved, ID: "a"}
			}
			ms.add(e, true)
		}
		ms.drop()
		if got := len(ms.byID) == 0; got != c.want {
			t.Errorf("%q after %q: dropped is %v", c.known, c.events, got)
		}
		ms.putBack([]string{"a"}, false)
		if ms.drop(); len(ms.byID) != 1 {
			t.Errorf("%q after %q: dropped although a pass did not read it", c.known, c.events)
		}
	}
}

func TestCause(t *testing.T) {
	ms := marks{}
	add := func(kind client.EventKind, ids ...string) {
		for _, id := range ids {
			ms.add(client.Event{Kind: kind, ID: id}, true)
		}
	}
	add(client.SandboxCreated, "a", "b")
	add(client.SandboxStateUpdated, "b", "c", "d")
	add(client.SnapshotRemoved, "e")
	add(client.VolumeStateUpdated, "f", "g")
	ms.putBack([]string{"b", "x"}, true)
	got := causeOf(ms.byID, true).String()
	want := "platform event: list after a new connection, 1 object of a pass that failed, sandbox.created of 1 sandbox, sandbox.state.updated of 3 sandboxes, snapshot.removed of 1 snapshot, volume.state.updated of 2 volumes"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestManyMarks: more marks than are kept become a list of everything.
func TestManyMarks(t *testing.T) {
	l := New(Options{Fleet: "mine"})
	l.Take()
	l.Settle(nil)
	for i := range 3 * maxMarks {
		l.event(client.Event{Kind: client.SandboxCreated, ID: fmt.Sprint(i), Labels: map[string]string{"fleet-name": "mine"}})
		if len(l.marks.byID) > maxMarks {
			t.Fatalf("%d marks", len(l.marks.byID))
		}
	}
	if ids, all := l.Take(); len(ids) >= maxMarks || !all {
		t.Errorf("%d ids, all is %v", len(ids), all)
	}
}

// TestUnknownObjects: before a pass has ended, it is not known which objects belong to the
// fleet, so that none is ignored.
func TestUnknownObjects(t *testing.T) {
	volume := client.Event{Kind: client.VolumeStateUpdated, ID: "v", NewState: "error"}
	for name, c := range map[string]struct {
		before, during bool
		known          map[string]string
		want           int
	}{
		"before the first pass":         {before: true, want: 1},
		"during it, of the fleet":       {during: true, known: map[string]string{"v": "ready"}, want: 1},
		"during it, not of the fleet":   {during: true, known: map[string]string{}},
		"during it, and seen by it":     {during: true, known: map[string]string{"v": "error"}},
		"neither before nor during it.": {known: map[string]string{"v": "ready"}},
	} {
		l := New(Options{Fleet: "mine"})
		if c.before {
			l.event(volume)
		}
		ids, _ := l.Take()
		if c.during {
			l.event(volume)
		}
		if l.Settle(c.known); !c.before {
			ids, _ = l.Take()
		}
		if len(ids) != c.want {
			t.Errorf("%s: marked %q", name, ids)
		}
	}
}

// TestNoSpin: a listener with nothing to announce waits for events, and one with marks
// has a positive time to wait.
func TestNoSpin(t *testing.T) {
	now := time.Unix(0, 0)
	l := New(Options{Fleet: "mine", Now: func() time.Time { return now }})
	l.Take()
	l.Settle(nil)
	if d := l.sendDue(); d != 0 {
		t.Errorf("nothing is due in %s", d)
	}
	l.event(client.Event{ID: "a", Labels: map[string]string{"fleet-name": "mine"}})
	if d := l.sendDue(); d != gather {
		t.Errorf("due in %s", d)
	}
	now = now.Add(gather)
	if d := l.sendDue(); d != 0 || len(l.causes) != 1 {
		t.Errorf("due in %s, %d causes", d, len(l.causes))
	}
}
