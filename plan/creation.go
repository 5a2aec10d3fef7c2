package plan

import (
	"slices"
	"time"
)

// A Creation is the record of the creation of a snapshot, kept on the machine that
// sent the request. It proves that the fleet owns the snapshot, which carries no
// labels.
type Creation struct {
	Name   string    `json:"name"`         // of the snapshot
	ID     string    `json:"id,omitempty"` // empty until the server has answered
	Recipe string    `json:"recipe"`       // see [spec.Resource.Recipe]
	At     time.Time `json:"at"`           // when it was sent, by the clock of the machine
}

// AddCreation returns the list with a creation that was sent, or answered. A creation of
// the same snapshot without an answer is replaced: if it had the same recipe, either
// request may have created the snapshot, since the earlier time.
func AddCreation(list []Creation, c Creation) []Creation {
	pending := func(x Creation) bool { return x.Name == c.Name && x.ID == "" }
	if i := slices.IndexFunc(list, pending); i >= 0 {
		if list[i].Recipe == c.Recipe {
			c.At = list[i].At
		}
		list = slices.Delete(list, i, i+1)
	}
	return append(list, c)
}

// maxClockSkew is the largest difference between the clocks of this machine and of
// the server with which a snapshot is matched to a creation whose response was lost.
const maxClockSkew = time.Minute

// created reports whether the creation made the snapshot. If the response was lost,
// the snapshot is recognized by its name, its recipe and its age.
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
