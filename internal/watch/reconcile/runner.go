package reconcile

import (
	"context"
	"time"

	"fleet/apply"
	"fleet/internal/journal"
	"fleet/plan"
	"fleet/spec"
)

// Requests counts requests.
type Requests struct {
	ByClass map[string]int // by the rate limit that they count in
	Limited int            // refused by a rate limit
}

// A Runner reads the spec, and makes and runs plans. An Engine uses it from one goroutine
// at a time.
type Runner interface {
	// Load reads the spec again. If it is not valid, the last valid one stays in use.
	Load(ctx context.Context) error

	// Fleet returns the fleet of the last valid spec.
	Fleet() *spec.Fleet

	// Revision returns a name of the version of the spec: a commit, or the beginning of
	// a digest.
	Revision() string

	// Begin is called before a pass observes anything. A quiet pass is not announced
	// unless there is something to do, or an error.
	Begin(causes string, quiet bool)

	// Plan observes and plans. list means that everything must be listed; otherwise the
	// last listing will do for a plan that only changes objects in place, with the
	// sandboxes read again whose ids are dirty.
	Plan(ctx context.Context, list bool, dirty []string) (*plan.World, *plan.Plan, error)

	// Replan plans again from the same world, for a user who approved that this many
	// objects are destroyed.
	Replan(ctx context.Context, w *plan.World, allowDestroy int) (*plan.Plan, error)

	// Digest returns the digest of a plan, before any of its steps is held back; empty if
	// nothing is to be done.
	Digest(*plan.Plan) string

	// Run shows the plan and runs it. After the longest time it starts no more steps; 0
	// means no limit. The report is nil if nothing was run.
	Run(ctx context.Context, p *plan.Plan, longest time.Duration, onEvent func(apply.Event)) (*apply.Report, error)

	// Describe returns the plan as people read it, without sensitive values.
	Describe(p *plan.Plan) (text string, steps []journal.Step)

	// Redact returns a text without sensitive values, escaped.
	Redact(text string) string

	// Requests returns how many requests were sent so far.
	Requests() Requests

	// Note shows a line to the users who follow the watch.
	Note(text string)
}
