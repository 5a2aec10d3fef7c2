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

// maxClockSkew is how far the clocks of a machine and of the server may be apart
// for a creation without an answer to be recognised.
const maxClockSkew = time.Minute

// created reports whether the snapshot is what came of the creation. Where the
// answer was lost, it is recognised by its name, what it is made of and its age.
func (c Creation) created(o *Object) bool {
	if c.ID != "" {
		return c.ID == o.ID
	}
	return c.Name == o.Name && c.Recipe != "" && c.Recipe == o.SourceDigest() && !o.Created.Before(c.At.Add(-maxClockSkew))
}

// isRecorded reports whether one of the creations made the snapshot.
func isRecorded(list []Creation, o *Object) bool {
	return slices.ContainsFunc(list, func(c Creation) bool { return c.created(o) })
}

// ownsSnapshot reports whether a snapshot that the spec declares is known to be the
// fleet's: a sandbox of the fleet was made from it, the spec's owns says so, or a
// record of its creation proves it.
func (c *planner) ownsSnapshot(o *Object) bool {
	if c.usedSnapshots == nil {
		c.usedSnapshots = map[string]bool{}
		for s, ownership := range c.world.Ownerships(c.fleet) {
			if ownership.Owned() {
				c.usedSnapshots[s.Snapshot()] = true
			}
		}
	}
	return c.usedSnapshots[o.Name] || c.fleet.Owned(spec.SnapshotKind, o.Name) || isRecorded(c.opts.Creations, o)
}
