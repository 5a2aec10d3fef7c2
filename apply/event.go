package apply

import (
	"time"

	"fleet/apply/internal/operation"
	"fleet/plan"
)

// An Event reports progress of one step. Progress bars, logs and counts are all made
// from events.
type Event struct {
	Phase    Phase
	Step     *plan.Step
	Verb     plan.Verb     // of the operation that started, for Working; that wrote the line, for Logged
	Text     string        // the line, for Logged; what is waited for, for Pausing
	Upload   Upload        // how far it has come, for Uploading
	ID       string        // of the object; empty if it is not known yet
	Err      error         // the reason, for Failed, Skipped and Interrupted
	BuildLog []string      // last lines of the log, for Failed, if the image could not be built; without secrets
	Lost     string        // what was deleted although the step is not done, in words; empty for nothing
	Duration time.Duration // since the step started; zero for steps that never did
}

// An Upload is how far the upload of the local files of an image has come: bytes that were
// sent and that are to be sent, and bytes a second. What the storage has already is not
// sent. At the end, Sent is Total.
type Upload = operation.Upload

// A Phase is where a step stands.
type Phase string

// The phases. Each step ends in exactly one of Done, Failed, Skipped and Interrupted.
// A step of a rollout that is Done or Failed may be RolledBack afterwards; if the
// rollback fails or is interrupted, the step is Failed or Interrupted.
const (
	Working     Phase = "working"     // an operation started
	Uploading   Phase = "uploading"   // the local files of its image are sent
	Draining    Phase = "draining"    // the run was stopped, and the request in flight may finish
	Logged      Phase = "logged"      // its build or one of its hooks wrote a line
	Pausing     Phase = "pausing"     // its rollout waits between two waves
	Done        Phase = "done"        // all of it took effect
	Failed      Phase = "failed"      // an operation failed; earlier ones stay in effect
	Skipped     Phase = "skipped"     // it never started
	Interrupted Phase = "interrupted" // it started, and the run was stopped before its end
	RolledBack  Phase = "rolled back" // its rollout failed, and its changes were reverted
)
