package operation

import (
	"context"
	"time"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/internal/redact"
	"fleet/plan"
	"fleet/spec"
)

// An Env is what the operations of a run share. It never changes while the run
// lasts, and its functions may be called from several goroutines at once.
type Env struct {
	Fleet
	API  *client.Client
	Now  func() time.Time // the clock
	Stop <-chan struct{}  // closed when the run starts nothing more; nil for never

	// Log receives the lines that a hook writes. It returns once the line was
	// accepted or ctx has ended.
	Log func(ctx context.Context, s *plan.Step, v plan.Verb, line string)

	// OnUpload is called from time to time while the local files of an image are sent,
	// and when all were sent. It must not block. It may be nil.
	OnUpload func(s *plan.Step, u Upload)

	Uploads *Uploads // of the run

	// Trace returns the context for the requests of a step; nil leaves it unchanged.
	Trace func(ctx context.Context, s *plan.Step) context.Context

	// OnSnapshotCreate is called before a snapshot is created, with an empty id, and
	// with the id once it is known. It may be nil.
	OnSnapshotCreate func(s *plan.Step, id string)

	Target          string           // region for objects that are created without one; empty for the organization's default
	HookEnvironment []string         // of hooks on this machine, as from os.Environ
	HookRedactor    *redact.Redactor // hides the secrets in HookEnvironment; nil if there are none
}

// A Fleet is what a plan states of its fleet as a whole.
type Fleet struct {
	Name        string
	Environment string   // of the spec; empty for none
	Names       []string // that the sandboxes carry in their labels: Name, and earlier ones
	Facts       spec.Facts
	PlannedIDs  map[string]bool // ids of the objects that the plan has steps for
}

// lister returns a lister of sandboxes for use within a run.
func (e *Env) lister() *kind.Lister { return kind.NewRunLister(e.API, e.Facts.Version) }
