package plan

import (
	"slices"
	"time"

	"fleet/spec"
)

// A Creation is the creation of a snapshot for a fleet, as the machine that sent
// it recorded it. It proves that the snapshot is the fleet's: snapshots carry no
// labels.
type Creation struct {
	Name   string    `json:"name"`
	ID     string    `json:"id,omitempty"` // empty until the server has answered
	Recipe string    `json:"recipe"`       // see [spec.Resource.Recipe]
	At     time.Time `json:"at"`           // when it was sent, by the clock of the machine
}

// clocksApart is how far the clocks of a machine and of the server may be apart
// for a creation without an answer to be recognised.
const clocksApart = time.Minute

// made reports whether the snapshot is what came of the creation. Where the
// answer was lost, it is recognised by its name, what it is made of and its age.
func (c Creation) made(o *Object) bool {
	if c.ID != "" {
		return c.ID == o.ID
	}
	return c.Name == o.Name && c.Recipe != "" && c.Recipe == o.Recipe() && !o.Created.Before(c.At.Add(-clocksApart))
}

// recorded reports whether one of the creations made the snapshot.
func recorded(list []Creation, o *Object) bool {
	return slices.ContainsFunc(list, func(c Creation) bool { return c.made(o) })
}

// isOwn reports whether a snapshot that the spec declares is known to be the
// fleet's: a sandbox of the fleet was made from it, the spec's owns says so, or a
// record of its creation proves it.
func (c *computer) isOwn(o *Object) bool {
	if c.madeFrom == nil {
		c.madeFrom = map[string]bool{}
		for s, whose := range c.world.Ownerships(c.fleet) {
			if whose.Ours() {
				c.madeFrom[s.Snapshot()] = true
			}
		}
	}
	return c.madeFrom[o.Name] || c.fleet.Owned(spec.SnapshotKind, o.Name) || recorded(c.opts.Created, o)
}
