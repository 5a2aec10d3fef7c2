package plan

import (
	"fleet/spec"
)

// A Verb is what an operation does to an object. All that fleet knows of a verb
// is in its row of [verbs]; apply maps it to the code that carries it out.
type Verb string

// The verbs of operations.
const (
	DoSettle     Verb = "settle" // wait until no change of it is under way
	DoAwait      Verb = "await"  // wait until it has reached its target state
	DoCreate     Verb = "create" // and wait until it is usable
	DoDelete     Verb = "delete" // and wait until it is gone
	DoCall       Verb = "call"   // change attributes by Call
	DoLabel      Verb = "label"  // write the labels, merged into the existing ones
	DoStart      Verb = "start"
	DoStop       Verb = "stop"
	DoPause      Verb = "pause"
	DoArchive    Verb = "archive"
	DoRecover    Verb = "recover"
	DoActivate   Verb = "activate"
	DoDeactivate Verb = "deactivate"
	DoRelease    Verb = "release" // remove the fleet's labels
	DoConfirm    Verb = "confirm" // read it again, and fail unless it is as it was when the plan was made
	DoUpload     Verb = "upload"  // send the files of the spec, and record that in the labels
	DoProbe      Verb = "check"   // run the readiness probe until it succeeds
	DoHook       Verb = "hook"    // run a command of the user's
	DoTryBuild   Verb = "try"     // build or pull the new content of a snapshot under a temporary name
	DoDropTrial  Verb = "drop"    // delete the snapshot with the temporary name
	DoFinish     Verb = "finish"  // record in the labels that everything that follows a creation was done
)

// A RequestClass groups operations whose requests put the same kind of load on
// the server. Each class has a concurrency limit of its own, so that a slow one
// does not hold up the others.
type RequestClass int

// The classes of requests.
const (
	CreateRequests    RequestClass = iota // creations from a snapshot or without a build
	BuildRequests                         // creations that build an image
	LifecycleRequests                     // starts, stops and deletions
	UpdateRequests                        // all other writes, and waits
	ToolboxRequests                       // commands and probes, which the API does not see

	NumRequestClasses // how many there are
)

// A disruption is when an operation takes its object out of use.
type disruption int

const (
	neverDisrupts     disruption = iota
	disruptsWhenSent             // as soon as the server has accepted the request
	disruptsByMode               // if the mode of its call requires a restart or a stop
	disruptsByRemoval            // the object is deleted
)

// The methods of requests. The package does no I/O, and so does not import
// net/http.
const (
	methodPost   = "POST"
	methodPut    = "PUT"
	methodDelete = "DELETE"
)

// idPlaceholder stands for the object's id in the path of a request.
const idPlaceholder = "{id}"

// How the next run continues after an operation that timed out, in words.
const (
	nextRunContinues = "the next run continues from there"
	nextRunRetries   = "it stays as it is, and the next run tries again"
)

// A verbRow is what fleet knows of a verb.
type verbRow struct {
	class   RequestClass
	method  string            // of the request that changes something; empty if there is none, or for a call, which has its own
	path    string            // of that request, relative to the collection of the object's kind
	timeout spec.TimeoutClass // that limits it; empty if that depends on the step

	// action is the action of a step that changes nothing else; NoOp for an
	// operation that changes nothing.
	action Action

	transition bool       // it moves the object from one state to another, so that it depends on the one it finds
	runState   string     // run state in which it leaves a sandbox; empty if it does not change it
	disrupts   disruption // when it takes its object out of use
	freesQuota bool       // it reduces what the organization uses of its quotas
	nextRun    string     // what the next run does if the operation timed out
}

// verbs has a row for each verb. A row names all its fields.
var verbs = map[Verb]verbRow{
	DoSettle: {
		class: UpdateRequests, method: "", path: "", timeout: "", action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoAwait: {
		class: UpdateRequests, method: "", path: "", timeout: "", action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoCreate: {
		class: CreateRequests, method: methodPost, path: "", timeout: spec.TimeoutCreate, action: Create,
		transition: false, runState: spec.Started, disrupts: neverDisrupts, freesQuota: false, nextRun: "the next run finds it, and replaces it if it failed",
	},
	DoDelete: {
		class: LifecycleRequests, method: methodDelete, path: idPlaceholder, timeout: spec.TimeoutDelete, action: Delete,
		transition: false, runState: "", disrupts: disruptsByRemoval, freesQuota: true, nextRun: "the next run deletes it if it is still there",
	},
	DoCall: {
		class: UpdateRequests, method: "", path: "", timeout: spec.TimeoutUpdate, action: Update,
		transition: false, runState: "", disrupts: disruptsByMode, freesQuota: false, nextRun: nextRunContinues,
	},
	DoLabel: {
		class: UpdateRequests, method: methodPut, path: idPlaceholder + "/labels", timeout: spec.TimeoutUpdate, action: Update,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoStart: {
		class: LifecycleRequests, method: methodPost, path: idPlaceholder + "/start", timeout: spec.TimeoutStart, action: Start,
		transition: true, runState: spec.Started, disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoStop: {
		class: LifecycleRequests, method: methodPost, path: idPlaceholder + "/stop", timeout: spec.TimeoutStop, action: Stop,
		transition: true, runState: spec.Stopped, disrupts: disruptsWhenSent, freesQuota: true, nextRun: nextRunContinues,
	},
	DoPause: {
		class: LifecycleRequests, method: methodPost, path: idPlaceholder + "/pause", timeout: spec.TimeoutStop, action: Pause,
		transition: true, runState: spec.Paused, disrupts: disruptsWhenSent, freesQuota: true, nextRun: nextRunContinues,
	},
	DoArchive: {
		class: LifecycleRequests, method: methodPost, path: idPlaceholder + "/archive", timeout: spec.TimeoutArchive, action: Archive,
		transition: true, runState: spec.Archived, disrupts: disruptsWhenSent, freesQuota: true, nextRun: nextRunContinues,
	},
	DoRecover: {
		class: LifecycleRequests, method: methodPost, path: idPlaceholder + "/recover", timeout: spec.TimeoutStart, action: Recover,
		transition: true, runState: spec.Started, disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoActivate: {
		class: UpdateRequests, method: methodPost, path: idPlaceholder + "/activate", timeout: spec.TimeoutStart, action: Activate,
		transition: true, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoDeactivate: {
		class: UpdateRequests, method: methodPost, path: idPlaceholder + "/deactivate", timeout: spec.TimeoutUpdate, action: Deactivate,
		transition: true, runState: "", disrupts: neverDisrupts, freesQuota: true, nextRun: nextRunContinues,
	},
	DoRelease: {
		class: UpdateRequests, method: methodPut, path: idPlaceholder + "/labels", timeout: spec.TimeoutUpdate, action: Release,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoConfirm: {
		class: UpdateRequests, method: "", path: "", timeout: "", action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
	DoUpload: {
		class: ToolboxRequests, method: methodPut, path: idPlaceholder + "/labels", timeout: spec.TimeoutUpdate, action: Update,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunRetries,
	},
	DoProbe: {
		class: ToolboxRequests, method: "", path: "", timeout: "", action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunRetries,
	},
	DoHook: {
		class: ToolboxRequests, method: "", path: "", timeout: "", action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunRetries,
	},
	DoTryBuild: {
		class: CreateRequests, method: methodPost, path: "", timeout: spec.TimeoutCreate, action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunRetries,
	},
	DoDropTrial: {
		class: LifecycleRequests, method: methodDelete, path: idPlaceholder, timeout: spec.TimeoutDelete, action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunRetries,
	},
	DoFinish: {
		class: UpdateRequests, method: methodPut, path: idPlaceholder + "/labels", timeout: spec.TimeoutUpdate, action: NoOp,
		transition: false, runState: "", disrupts: neverDisrupts, freesQuota: false, nextRun: nextRunContinues,
	},
}

// RunState returns the run state in which an operation with the verb leaves a
// sandbox, or "" if it does not change it.
func (v Verb) RunState() string { return verbs[v].runState }

// ChangesRunState reports whether v moves an existing sandbox from one run state
// to another.
func (v Verb) ChangesRunState() bool { return verbs[v].transition && verbs[v].runState != "" }

// FreesQuota reports whether an operation with the verb reduces what the
// organization uses of its quotas.
func (v Verb) FreesQuota() bool { return verbs[v].freesQuota }

// NextRun returns what the next run does about an operation with the verb that
// timed out, as a clause.
func (v Verb) NextRun() string { return verbs[v].nextRun }

// RequestClass returns the class of the requests that an operation with the verb
// sends for s.
func (s *Step) RequestClass(v Verb) RequestClass {
	if class := verbs[v].class; class != CreateRequests || !s.Want.BuildsImage() {
		return class
	}
	return BuildRequests
}

// Request returns the method and path of the request by which op changes
// something on the server. The path is relative to the collection of the
// object's kind and has {id} in place of the object's id. sends is false if op
// changes nothing there.
func (op Op) Request() (method, path string, sends bool) {
	if op.Call != nil {
		return op.Call.Method, idPlaceholder + "/" + op.Call.Path, true
	}
	row := verbs[op.Verb]
	return row.method, row.path, row.method != ""
}

// Disrupts reports whether op takes its object out of use once the server has
// accepted its request. A deletion is not included: it may find nothing left to
// delete.
func (op Op) Disrupts() bool {
	switch verbs[op.Verb].disrupts {
	case disruptsWhenSent:
		return true
	case disruptsByMode:
		return op.Call.Mode != spec.AnyState
	}
	return false
}
