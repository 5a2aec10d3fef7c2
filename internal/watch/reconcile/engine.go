package reconcile

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/journal"
	"fleet/internal/watch"
	"fleet/internal/watch/policy"
	"fleet/internal/watch/push"
	"fleet/plan"
	"fleet/spec"
)

// Names of alarms.
const (
	specInvalid   = "spec-invalid"
	planFailing   = "reconciliation-failing"
	stepsFailing  = "changes-failing"
	flappingAlarm = policy.FlappingAlarm + " "
)

// Options configure an [Engine]. Runner, Journal, State, Requests and Due are required.
type Options struct {
	Runner   Runner
	Journal  *journal.Journal
	Policy   policy.Policy
	State    *policy.State
	Save     func(*policy.State) // writes the state; nil does nothing
	Push     *push.Listener      // nil: the platform's events are not received
	Requests *watch.Requests     // asked for a pass by controls
	Due      *watch.Due          // set to when a pass can do more
	Now      func() time.Time    // nil: time.Now

	// StartPass starts the trace of a pass. Nil traces nothing.
	StartPass func(ctx context.Context, cause string) (context.Context, func(outcome string, err error))

	// ListEvery is the longest time between two listings while the platform's events are
	// received.
	ListEvery time.Duration
}

// An Engine makes passes. Pass is called by one goroutine at a time; its other methods are
// those of journal.Controls. It must be made by [New].
type Engine struct {
	Options
	approvals policy.Approvals
	held      watch.HeldRollouts
	lastList  time.Time
	lastEnd   time.Time // of a pass
	lastSave  time.Time
	failures  int         // passes that failed in a row
	stale     []time.Time // when objects had changed between a plan and its execution, in the last hour

	mu sync.Mutex // protects State and the addresses
	// addresses are those of the fleet and of its plan.
	addresses []spec.Address
}

// New returns an Engine that has made no pass.
func New(o Options) *Engine {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.StartPass == nil {
		o.StartPass = func(ctx context.Context, _ string) (context.Context, func(string, error)) {
			return ctx, func(string, error) {}
		}
	}
	if o.Save == nil {
		o.Save = func(*policy.State) {}
	}
	e := &Engine{Options: o}
	for _, address := range o.State.Pauses() {
		p, _ := o.State.Paused(address)
		o.Journal.SetPaused(address, true, p.By)
	}
	return e
}

// A pass is one pass of an Engine.
type pass struct {
	*Engine
	causes   watch.Causes
	dirty    []string // ids that the platform's events marked
	all      bool     // everything was taken from the Listener
	list     bool     // everything is listed
	before   Requests // before the pass
	world    *plan.World
	plan     *plan.Plan
	digest   string
	result   policy.Result
	approved bool          // a user approved the plan
	report   *apply.Report // nil if nothing was run
}

// Pass makes a pass. It reports its errors: the next pass tries again.
func (e *Engine) Pass(ctx context.Context, causes watch.Causes) {
	x := &pass{Engine: e, causes: causes}
	x.loadSpec(ctx)
	if p, paused := e.pausedFleet(); paused {
		e.Journal.Skip(causes.String(), fmt.Sprintf("paused by %s", p.By))
		return
	}
	ctx, end := e.StartPass(ctx, causes.String())
	x.before = e.Runner.Requests()
	e.Runner.Begin(causes.String(), isQuiet(causes))
	e.Journal.Begin(causes.String(), e.Runner.Revision())
	x.take()
	err := x.makePlan(ctx)
	if err == nil {
		x.holdBack(ctx)
		err = x.run(ctx)
	}
	outcome := x.end(ctx, err)
	end(string(outcome), err)
}

// loadSpec reads the spec again, unless this is the first pass.
func (x *pass) loadSpec(ctx context.Context) {
	if x.causes.Has(watch.Start) {
		return
	}
	if err := x.Runner.Load(ctx); err != nil {
		x.Journal.Raise(specInvalid, x.Runner.Redact(err.Error()))
		return
	}
	if x.Journal.Clear(specInvalid) {
		x.Runner.Note("The spec is valid again, and in use.")
	}
}

// pausedFleet returns the pause of the whole fleet.
func (e *Engine) pausedFleet() (policy.Pause, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.State.Paused("")
}

// take takes over what the platform's events marked, and decides whether to list. A
// listing is only good for a later plan while events report what changes.
func (x *pass) take() {
	x.list = true
	if x.Push == nil {
		return
	}
	x.dirty, x.all = x.Push.Take()
	onlyNews := !slices.ContainsFunc(x.causes, func(c watch.Cause) bool {
		return c.Kind != watch.FileChange && c.Kind != watch.Push && c.Kind != watch.Again
	})
	x.list = x.all || !onlyNews || !x.Push.Connected() || x.Now().Sub(x.lastList) >= x.ListEvery
}

// makePlan observes, plans, and applies an approval.
func (x *pass) makePlan(ctx context.Context) (err error) {
	if x.world, x.plan, err = x.Runner.Plan(ctx, x.list, x.dirty); err != nil {
		return err
	}
	if x.list {
		x.lastList = x.world.ObservedAt
	}
	x.digest = x.Runner.Digest(x.plan)
	return nil
}

// holdBack blocks the steps that the policy holds back, and offers the plan for approval.
func (x *pass) holdBack(ctx context.Context) {
	x.approved = x.list && x.approvals.Take(x.digest) // an approval asks for a pass that lists
	if x.approved {
		if p, err := x.Runner.Replan(ctx, x.world, policy.AllowDestroy(x.plan)); err == nil {
			x.plan = p
		}
	} else {
		x.held.Block(x.Runner.Fleet(), x.plan)
	}
	x.mu.Lock()
	x.result = x.Policy.Hold(x.plan, policy.Pass{Fleet: x.Runner.Fleet(), State: x.State, Now: x.Now(), Approved: x.approved})
	x.addresses = addressesOf(x.Runner.Fleet(), x.plan)
	if now := x.Now(); now.Sub(x.lastSave) >= saveInterval { // the state knows when a window was open last
		x.lastSave = now
		x.Save(x.State)
	}
	x.mu.Unlock()
	x.approvals.Offer(digestIf(x.result.Approvable != "", x.digest), x.result.Approvable)
	x.raiseAlarms()
	x.journalPlan()
}

// saveInterval is the time after which a state that no run changed is written.
const saveInterval = time.Hour

// digestIf returns the digest of a plan that waits, or nothing.
func digestIf(waits bool, digest string) string {
	if !waits {
		return ""
	}
	return digest
}

// addressesOf returns the addresses that can be paused.
func addressesOf(f *spec.Fleet, p *plan.Plan) []spec.Address {
	seen := map[spec.Address]bool{}
	var list []spec.Address
	add := func(a spec.Address) {
		if !seen[a] {
			seen[a] = true
			list = append(list, a)
		}
	}
	for _, r := range f.Resources {
		add(r.Address)
	}
	for _, s := range p.Steps {
		add(s.Address)
	}
	return list
}

// raiseAlarms raises the alarms of the policy, and clears those that are over.
func (x *pass) raiseAlarms() {
	lasting := map[string]bool{}
	for _, a := range x.result.Alarms {
		lasting[a.Name] = true
		x.Journal.Raise(a.Name, a.Text)
	}
	for _, a := range x.Journal.Alarms() {
		ofPolicy := strings.HasPrefix(a.Name, flappingAlarm) || a.Name == policy.MissedWindowAlarm
		if ofPolicy && !lasting[a.Name] {
			x.Journal.Clear(a.Name)
		}
	}
}

// journalPlan writes the plan and the objects to the journal.
func (x *pass) journalPlan() {
	var shown *journal.Plan
	if !x.plan.Empty() {
		shown = &journal.Plan{Digest: x.digest, Time: x.Now(), NeedsApproval: x.result.NeedsApproval, Approved: x.approved}
		shown.Text, shown.Steps = x.Runner.Describe(x.plan)
	}
	x.Journal.SetObjects(objectsOf(x.plan, nil, x.isPaused))
	x.Journal.Planned(shown, func(p *journal.Pass) {
		p.Digest, p.ListedAt = digestIf(shown != nil, x.digest), x.world.ObservedAt
		p.Drift, p.Blocked = x.plan.ChangeCount(), len(x.plan.Blocked())
	})
}

// isPaused reports whether the address or its group is paused.
func (x *pass) isPaused(a spec.Address) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	for _, of := range []string{a.GroupAddress().String(), a.String()} {
		if _, paused := x.State.Paused(of); paused {
			return true
		}
	}
	return false
}

// longest returns how long steps may be started: until the sync window closes, unless a
// user approved the plan. 0 means no limit.
func (x *pass) longest() time.Duration {
	if len(x.Policy.Windows) == 0 || x.approved {
		return 0
	}
	return max(x.Policy.Windows.Closes(x.Now()).Sub(x.Now()), 1)
}

// isQuiet reports whether no user waits for the pass.
func isQuiet(causes watch.Causes) bool {
	return !slices.ContainsFunc(causes, func(c watch.Cause) bool {
		return c.Kind != watch.Interval && c.Kind != watch.Push && c.Kind != watch.Again
	})
}

// run shows the plan and runs what is left of it.
func (x *pass) run(ctx context.Context) (err error) {
	x.report, err = x.Runner.Run(ctx, x.plan, x.longest(), func(e apply.Event) {
		x.Journal.Step(journal.Step{
			Address: e.Step.Address.String(), Action: e.Step.Action.String(), Wave: e.Step.Wave, Phase: string(e.Phase), Text: x.Runner.Redact(textOf(e)),
		})
	})
	if x.report == nil {
		return err
	}
	x.Journal.SetObjects(objectsOf(x.plan, x.report, x.isPaused))
	x.held.Record(x.Runner.Fleet(), x.report)
	x.mu.Lock()
	defer x.mu.Unlock()
	x.State.Record(x.Runner.Fleet(), x.report, x.Now())
	x.Save(x.State)
	return err
}

// textOf returns the text of an event besides its phase.
func textOf(e apply.Event) string {
	switch {
	case e.Err != nil:
		return e.Err.Error()
	case e.Phase == apply.Logged || e.Phase == apply.Pausing:
		return e.Text
	}
	return ""
}

// end writes the end of the pass to the journal, and decides when the next one is due.
func (x *pass) end(ctx context.Context, err error) journal.Outcome {
	outcome, reason := x.outcome(ctx, err)
	x.settle(ctx, err)
	x.watchOthers()
	after := x.Runner.Requests()
	x.Journal.End(func(p *journal.Pass) {
		p.Outcome, p.Reason = outcome, x.Runner.Redact(reason)
		p.RequestsByClass = map[string]int{}
		for class, n := range after.ByClass {
			if n -= x.before.ByClass[class]; n > 0 {
				p.RequestsByClass[class] = n
				p.Requests += n
			}
		}
		p.Limited = after.Limited - x.before.Limited
		if x.report != nil {
			for _, r := range x.report.Results {
				switch r.Outcome {
				case apply.Done:
					p.Done++
				case apply.Failed:
					p.Failed++
				}
			}
		}
	})
	x.lastEnd = x.Now()
	if ctx.Err() == nil {
		x.schedule(err)
	}
	return outcome
}

// outcome returns how the pass ended, and why.
func (x *pass) outcome(ctx context.Context, err error) (o journal.Outcome, reason string) {
	switch {
	case ctx.Err() != nil && (err != nil || x.report != nil && !x.report.OK()):
		return journal.Skipped, "the watch ended before the pass"
	case x.isFailed(err):
		return journal.Failed, err.Error()
	case x.plan.Empty():
		return journal.InSync, ""
	case x.report != nil && x.report.Count(apply.Failed) > 0:
		return journal.Failed, failuresOf(x.report)
	case x.Policy.Mode == policy.Observe:
		return journal.Observed, ""
	case len(x.plan.Blocked()) > 0:
		return journal.Waiting, waitsFor(x.plan)
	case x.report != nil && !x.report.OK():
		return journal.Waiting, "not all steps were started"
	}
	return journal.Changed, ""
}

// isFailed reports whether the pass failed as a whole: nothing was read, or nothing run.
func (x *pass) isFailed(err error) bool { return x.plan == nil || err != nil && x.report == nil }

// failuresOf returns the first failure of a run, and how many there are.
func failuresOf(r *apply.Report) string {
	var failed []string
	for _, x := range r.Results {
		if x.Outcome == apply.Failed {
			failed = append(failed, fmt.Sprintf("%s: %v", x.Step.Address, x.Err))
		}
	}
	switch len(failed) {
	case 0:
		return "not all steps were done"
	case 1:
		return failed[0]
	}
	return fmt.Sprintf("%s, and %d more", failed[0], len(failed)-1)
}

// waitsFor returns why the first of the blocked steps waits, and how many there are.
func waitsFor(p *plan.Plan) string {
	blocked := p.Blocked()
	text := fmt.Sprintf("%s: %s", blocked[0].Address, blocked[0].Blocked.Reason)
	if len(blocked) > 1 {
		text += fmt.Sprintf(", and %d more", len(blocked)-1)
	}
	return text
}

// settle gives the Listener back what the pass did not read, or the states that it saw.
func (x *pass) settle(ctx context.Context, err error) {
	if x.Push == nil {
		return
	}
	if x.plan == nil || ctx.Err() != nil && err != nil {
		x.Push.PutBack(x.dirty, x.all)
		return
	}
	known := map[string]string{}
	for _, k := range spec.ObjectKinds {
		for _, o := range x.world.Objects[k] {
			known[o.ID] = o.State
		}
	}
	if x.report != nil {
		for _, r := range x.report.Results {
			if r.ID != "" {
				known[r.ID] = r.State
			}
		}
	}
	x.Push.Settle(known)
}

// schedule reports failures and their end, and sets when a further pass is due.
func (x *pass) schedule(err error) {
	if x.isFailed(err) {
		x.failures++
		wait := watch.RetryDelay(x.failures)
		if refused, ok := errors.AsType[*client.Error](err); ok {
			wait = max(wait, refused.RetryAfter)
		}
		x.Journal.Raise(planFailing, x.Runner.Redact(err.Error()))
		x.Due.Set(x.Now().Add(wait))
		return
	}
	x.failures = 0
	if x.Journal.Clear(planFailing) {
		x.Runner.Note("Reconciling works again.")
	}
	next := x.result.Next
	switch {
	case x.report != nil && x.report.Count(apply.Failed) > 0:
		x.Journal.Raise(stepsFailing, x.Runner.Redact(failuresOf(x.report)))
		if retry := x.Now().Add(time.Minute); next.IsZero() || retry.Before(next) {
			next = retry
		}
	case !x.backsOff() && x.Journal.Clear(stepsFailing):
		x.Runner.Note("All changes are made again without errors.")
	}
	if x.report != nil && x.report.Count(apply.Done) > 0 && x.result.Approvable != "" {
		next = x.Now() // what is left is another plan, which can be approved
	}
	x.Due.Set(next)
}

// backsOff reports whether a step waits after a failure.
func (x *pass) backsOff() bool {
	return slices.ContainsFunc(x.plan.Blocked(), func(s *plan.Step) bool { return s.Blocked.Kind == plan.BackOff })
}

// Interval returns the time from the end of the last pass to the next one: standard, or
// while the platform's events are received, until ListEvery has passed since everything
// was listed. It must not be called while a pass runs.
func (e *Engine) Interval(standard time.Duration) time.Duration {
	if e.Push == nil || !e.Push.Connected() || e.lastList.IsZero() {
		return standard
	}
	return max(e.lastList.Add(e.ListEvery).Sub(e.lastEnd), min(standard, time.Minute))
}
