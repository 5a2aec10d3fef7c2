package status

import (
	"slices"
	"time"

	"fleet/plan"
	"fleet/spec"
)

// A Snapshot is a snapshot with its role in a fleet, and the sandboxes that use it.
type Snapshot struct {
	Address string            `json:"address,omitempty"` // of the declared snapshot that it is, or that it is a version of; empty if there is none
	Name    string            `json:"name"`
	Version string            `json:"version,omitempty"` // the digits at the end of the name of a version
	Role    plan.SnapshotRole `json:"role"`              // what it is to the fleet
	State   string            `json:"state"`             // in the server's words
	Failed  bool              `json:"failed,omitempty"`  // it is in an error state
	Error   string            `json:"error,omitempty"`   // why it is in an error state

	Users      []string `json:"users"`                 // addresses of the sandboxes of the fleet that were created from it, sorted
	OtherUsers int      `json:"other_users,omitempty"` // number of the other sandboxes that were created from it

	Created    time.Time `json:"created"`               // by the server's clock
	AgeSeconds int64     `json:"age_seconds,omitempty"` // time since then
	SizeGB     float64   `json:"size_gb,omitempty"`     // 0 if it is not known
	ID         string    `json:"id"`
}

// Snapshots returns the snapshots that the fleet declares, is known to own or has a name
// for, or with all also the others of the organization. world has to hold all sandboxes of
// the organization, and the server's facts. The result is never nil.
func Snapshots(f *spec.Fleet, world *plan.World, created []plan.Creation, now time.Time, all bool) []Snapshot {
	list := []Snapshot{}
	ownerships := world.Ownerships(f)
	for _, s := range world.Snapshots(f, plan.SnapshotOptions{Creations: created}) {
		other := s.Role == plan.SnapshotOther || s.Role == plan.SnapshotGeneral
		if other && !all {
			continue
		}
		row := Snapshot{
			Name: s.Name, Version: s.Version(), Role: s.Role, State: s.State, Failed: s.Failed, Users: []string{},
			Created: s.Created, AgeSeconds: int64(max(0, now.Sub(s.Created)) / time.Second), SizeGB: s.Size, ID: s.ID,
		}
		if s.Declared != nil && !other {
			row.Address = s.Declared.String()
		}
		if s.Failed {
			row.Error = f.Redact(string(s.ErrorReason))
		}
		row.addUsers(s.Users, ownerships)
		list = append(list, row)
	}
	return list
}

// addUsers adds the sandboxes that were created from the snapshot.
func (s *Snapshot) addUsers(users []*plan.Object, ownerships map[*plan.Object]plan.Ownership) {
	for _, o := range users {
		if ownerships[o].Role == plan.RoleOwned {
			s.Users = append(s.Users, spec.Address{Kind: spec.SandboxKind, Key: ownerships[o].Key}.String())
		} else {
			s.OtherUsers++
		}
	}
	sortAddresses(s.Users)
}

// sortAddresses sorts addresses so that worker[2] comes before worker[10].
func sortAddresses(list []string) { slices.SortFunc(list, spec.CompareKeys) }
