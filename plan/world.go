package plan

import (
	"slices"
	"time"

	"fleet/internal/foreign"
	"fleet/internal/state"
	"fleet/spec"
)

// A World is what was observed of an organization. Together with the spec it is all
// that a plan is computed from.
type World struct {
	Facts spec.Facts // of the server: its version, limits and regions

	ObservedAt time.Time // when the observation started, by the clock of this machine

	// Objects holds the objects by kind: the sandboxes that carry the fleet's labels
	// or hold a name that the fleet wants, and the snapshots and volumes of the
	// organisation, with the snapshots that the platform shares. A kind that the
	// spec does not refer to may be absent.
	Objects Objects

	// Deleting are the sandboxes whose deletion was accepted and is not complete,
	// under the names that they had. Plans ignore them: their names are free.
	// LastActive is when their deletion started.
	Deleting []*Object

	// ExternalUsers holds the names of the sandboxes outside of the fleet that use a
	// snapshot or volume, by its id, for the objects that are [World.AtRisk].
	// Snapshots and volumes carry no labels: only their users show that another
	// fleet may own them.
	ExternalUsers map[string][]string

	// QuotaStatus is the state of the organization's quotas and of the credentials;
	// nil if it was not read, since nothing is to be created.
	QuotaStatus *QuotaStatus

	// Secrets are the names of the organization's secrets; nil if they are not known.
	Secrets []string

	// UnreadCount is the number of sandboxes outside of the fleet whose volumes were
	// not read, since there are too many; 0 if all necessary ones were read.
	UnreadCount int

	// Unreadable holds the errors of the lists that the credentials may not read, if
	// the observer has to skip those.
	Unreadable []error
}

// Objects holds remote objects by kind.
type Objects map[spec.Kind][]*Object

// Add adds objects of a kind.
func (w *World) Add(k spec.Kind, objects ...*Object) {
	if w.Objects == nil {
		w.Objects = Objects{}
	}
	w.Objects[k] = append(w.Objects[k], objects...)
}

// Organization returns the id of the observed organization, or "" if no object
// shows it.
func (w *World) Organization() string {
	for _, k := range slices.Backward(spec.ObjectKinds) {
		for _, o := range w.Objects[k] {
			if o.Organization != "" && !o.Shared {
				return o.Organization
			}
		}
	}
	return ""
}

// An Object is a remote object as it was observed.
type Object struct {
	spec.Object

	ID   string // of the server
	Name string // unique among the objects of its kind in the organization

	// State is the current state in the server's words, and TargetState the state
	// that the object is moving to; they are equal if no change is under way.
	State, TargetState string

	Failed      bool         // it is in an error state, which it does not leave without a request
	Recoverable bool         // the server offers to recover it
	ErrorReason foreign.Text // why it failed, in the server's words
	Shared      bool         // a snapshot that the platform shares with all organizations
	Class       string       // container, linux-vm, ...
	Created     time.Time    // by the clock of the server
	LastActive  time.Time    // when it was last used or changed its state; zero if the server does not report it

	Organization string  // its id; empty if the server does not report it
	Size         float64 // of a snapshot in GB; 0 if it is not known
}

// Settled reports whether no change of the object is under way.
func (o *Object) Settled() bool { return o.State == o.TargetState }

// Fleet returns the name of the fleet that owns the sandbox, or "".
func (o *Object) Fleet() string { return o.Labels[spec.FleetLabel] }

// Key returns the key under which its fleet declares the sandbox, or "".
func (o *Object) Key() string { return o.Labels[spec.KeyLabel] }

// Environment returns the environment of the spec that the sandbox was labelled for,
// or "" if it is not known.
func (o *Object) Environment() string { return o.Labels[spec.EnvironmentLabel] }

// Unfinished reports whether the sandbox has not been ready since its creation, or
// its after_create hook did not complete.
func (o *Object) Unfinished() bool { return o.Labels[spec.PendingLabel] != "" }

// Deleting reports whether the object is being deleted. Its name may not be free yet.
func (o *Object) Deleting() bool {
	return state.IsDeletion(o.TargetState)
}

// managerLabels are the labels by which other tools mark the objects that they manage.
var managerLabels = []string{"managed-by", "managed_by", "app.kubernetes.io/managed-by"}

// Manager returns the other tool that manages the object by its labels, or "".
func (o *Object) Manager() string {
	for _, l := range managerLabels {
		if m := o.Labels[l]; m != "" && m != "fleet" {
			return m
		}
	}
	return ""
}
