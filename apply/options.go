package apply

import (
	"context"
	"time"

	"fleet/apply/internal/schedule"
	"fleet/plan"
)

// DefaultGracePeriod is how long a run that is stopped waits for steps that have
// started, if Options.GracePeriod is 0.
const DefaultGracePeriod = 30 * time.Second

// MaxParallelism is how many operations send requests at once at most, unless the
// options or the spec set a number.
const MaxParallelism = schedule.MaxParallelism

// Options configure how a plan is executed. The zero Options are usable.
type Options struct {
	// Parallelism is how many operations send requests at once at most; steps that
	// wait do not count. 0 leaves it to the spec and, without a limit there, adapts
	// to the server.
	Parallelism int

	// Concurrency is that of the report of an earlier run on the same server, from which
	// the run starts to adapt. The zero Concurrency means that there was none.
	Concurrency Concurrency

	Target      string          // region for objects that are created without one; empty for the organization's default
	Logs        bool            // emit the lines of build logs as events
	Stop        <-chan struct{} // closed to start no more steps, and to finish the others within GracePeriod; nil for never
	GracePeriod time.Duration   // 0 is DefaultGracePeriod

	// Close is closed to start no more steps, and to finish the others however long that
	// takes; nil for never.
	Close <-chan struct{}

	// HookEnvironment is the environment of hooks on this machine, as from
	// os.Environ. The secrets in it are listed in HookSecrets.
	HookEnvironment []string

	// HookSecrets are replaced by placeholders in the output of hooks.
	HookSecrets []string

	// OnSnapshotCreate is called before the creation of a snapshot is sent, with an
	// empty id, and with the id once the server has returned it. Several goroutines
	// call it, but never two for the same step. It may be nil.
	OnSnapshotCreate func(s *plan.Step, id string)

	// Trace returns the context for the requests of a step, which lets an observer
	// of requests attribute them. Several goroutines call it, after the step's first
	// event. A nil Trace leaves the context unchanged.
	Trace func(ctx context.Context, s *plan.Step) context.Context
}
