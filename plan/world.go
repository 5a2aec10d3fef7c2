package plan

import (
	"slices"
	"time"

	"fleet/internal/foreign"
	"fleet/spec"
)

// A World is what was observed of an organisation: all that a plan is made
// from, beside the spec.
type World struct {
	Facts spec.Facts

	ObservedAt time.Time // when the reading of it began, by the clock of this machine

	// Objects holds the objects by kind: the sandboxes that carry the fleet's labels
	// or hold a name that the fleet wants, and the snapshots and volumes of the
	// organisation, with the snapshots that the platform shares. A kind that the
	// spec does not refer to may be absent.
	Objects Objects

	// Deleting are the sandboxes whose deletion was accepted and has not ended,
	// under the names that they had. Plans do not see them: their names are free.
	// Active is when their deletion began.
	Deleting []*Object

	// ExternalUsers are the names of sandboxes outside of the fleet that use a snapshot
	// or volume, by its id, as far as it is [World.AtRisk]. Snapshots and volumes
	// carry no labels: who uses one is all that tells whose it may be.
	ExternalUsers map[string][]string

	// QuotaStatus is what is known of the organisation and of the credentials; nil
	// when nobody asked, which is so where nothing is to be created.
	QuotaStatus *QuotaStatus

	// Secrets are the names of the organisation's secrets; nil when they are not
	// known.
	Secrets []string

	// UnreadCount counts the sandboxes outside of the fleet that were too many to be
	// read for the volumes that they mount; 0 when all were, or none had to be.
	UnreadCount int

	// Unreadable are the refusals of the lists that the credentials may not read,
	// if the observer was to leave those out.
	Unreadable []error
}

// Objects are remote objects by kind.
type Objects map[spec.Kind][]*Object

// Add adds objects of a kind.
func (w *World) Add(k spec.Kind, objects ...*Object) {
	if w.Objects == nil {
		w.Objects = Objects{}
	}
	w.Objects[k] = append(w.Objects[k], objects...)
}

// Organization is the id of the organisation that was observed; empty when
// nothing that exists tells.
func (w *World) Organization() string {
	for _, k := range []spec.Kind{spec.SandboxKind, spec.VolumeKind, spec.SnapshotKind} {
		for _, o := range w.Objects[k] {
			if o.Organization != "" && !o.Shared {
				return o.Organization
			}
		}
	}
	return ""
}

// An Object is one remote object as it was observed.
type Object struct {
	spec.Object

	ID   string
	Name string

	// State is the state that the server shows for it now, and TargetState the one
	// that it is on its way to; they are equal when it has settled.
	State, TargetState string

	Failed      bool         // it is in an error state, which it does not leave by itself
	Recoverable bool         // the server offers to recover it
	ErrorReason foreign.Text // why it failed; the server's words
	Shared      bool         // a snapshot of the platform, not the organisation's
	Class       string       // container, linux-vm, ...
	Created     time.Time
	LastActive  time.Time // when it was last used, or changed its state; zero when the server does not tell

	Organization string // its id; empty when the server does not tell
}

// Settled reports whether nothing is under way with the object.
func (o *Object) Settled() bool { return o.State == o.TargetState }

// Fleet is the name of the fleet that owns the sandbox, or "".
func (o *Object) Fleet() string { return o.Labels[spec.FleetLabel] }

// Key is the key under which its fleet declares the sandbox, or "".
func (o *Object) Key() string { return o.Labels[spec.KeyLabel] }

// Environment is the environment of the spec that the sandbox was labelled for;
// "" when that is not known.
func (o *Object) Environment() string { return o.Labels[spec.EnvironmentLabel] }

// Unfinished reports whether a sandbox was created and is not known to be ready,
// or its after_create hook was not run to its end.
func (o *Object) Unfinished() bool { return o.Labels[spec.PendingLabel] != "" }

// Deleting reports whether the object is on its way out: its name is not free
// yet, but it is as good as gone.
func (o *Object) Deleting() bool {
	return slices.Contains([]string{"removing", "pending_delete", "deleting", "deleted", "destroying", "destroyed"}, o.TargetState)
}

// managerLabels are where other tools mark what is theirs.
var managerLabels = []string{"managed-by", "managed_by", "app.kubernetes.io/managed-by"}

// Manager is the other tool that has marked the object as its own, or "".
func (o *Object) Manager() string {
	for _, l := range managerLabels {
		if m := o.Labels[l]; m != "" && m != "fleet" {
			return m
		}
	}
	return ""
}
