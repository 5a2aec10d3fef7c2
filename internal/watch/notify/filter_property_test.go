package notify

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"fleet/internal/journal"
)

// In any order of events, and also if the reader misses some, ids are unique, an alarm is
// raised and cleared in turn, and a receiver knows which alarms last.
func TestFilterProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		now := time.Unix(0, 0)
		j := journal.New(func() time.Time { now = now.Add(time.Second); return now }, journal.Head{Fleet: "shop"})
		f := newFilter(j.State().Head)
		ids, lasting := map[string]bool{}, map[string]bool{}
		var seq uint64
		receive := func(list []Notification) {
			for _, n := range list {
				if ids[n.ID] {
					t.Fatalf("%s was sent twice: %s", n.Type, n.Data.Text)
				}
				ids[n.ID] = true
				if a := n.Data.Alarm; a != nil {
					if raised := n.Type == TypeRaised; raised == lasting[a.Name] {
						t.Fatalf("%s of %s, which lasts: %v", n.Type, a.Name, lasting[a.Name])
					}
					lasting[a.Name] = n.Type == TypeRaised
				}
			}
		}
		for range rapid.IntRange(1, 40).Draw(t, "steps") {
			name := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "name")
			switch rapid.IntRange(0, 6).Draw(t, "what") {
			case 0:
				j.Raise(name, rapid.SampledFrom([]string{"x", "y"}).Draw(t, "text"))
			case 1:
				j.Clear(name)
			case 2:
				outcome := rapid.SampledFrom([]journal.Outcome{journal.InSync, journal.Changed, journal.Failed, journal.Observed}).Draw(t, "outcome")
				pass(j, outcome, name, rapid.IntRange(0, 1).Draw(t, "done"))
			case 3:
				waiting(j, name)
			case 4:
				j.Approved(name, "page")
			case 5: // the reader is up to date
				events, _, _ := j.Since(seq)
				receive(f.take(events))
				seq = j.State().Seq
			case 6: // it is behind, and events are lost
				now = now.Add(time.Second)
				receive(f.catchUp(j.State(), now))
			}
		}
		receive(f.catchUp(j.State(), now))
		want := map[string]bool{}
		for _, a := range j.State().Alarms {
			want[a.Name] = true
		}
		for _, name := range []string{"a", "b"} {
			if lasting[name] != want[name] {
				t.Fatalf("%s: the receiver knows %v, the journal %v", name, lasting[name], want[name])
			}
		}
	})
}
