package session

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"fleet/apply"
	"fleet/internal/observe"
	"fleet/internal/watch/policy"
	"fleet/operator/internal/organization"
	"fleet/plan"
	"fleet/spec"
)

// An Order is what a pass is to do.
type Order struct {
	Policy       policy.Policy
	AllowDestroy int           // objects that may be destroyed
	Destroy      bool          // the whole fleet is deleted
	Approve      string        // digest of the plan that a user approved; empty for none
	MaxAge       time.Duration // of the listing
	Urgent       bool          // waits a while for a listing that another fleet makes, before the error is organization.ErrBusy

	// OnApproved is called once it is certain that a part of an approved plan is run, before
	// OnPlan: an approval counts once. If it fails, nothing is run.
	OnApproved func(ctx context.Context) error

	// OnPlan is called with the plan before it is applied, also if it is refused or waits. It
	// may be nil.
	OnPlan func(*Result)

	Stop    <-chan struct{} // closed to start no more steps and to finish the others soon; nil for never
	Closing <-chan struct{} // closed to start no more steps; nil for never
	Version string          // of the operator, part of digests
}

// A pass is one pass of a Session.
type pass struct {
	*Session
	Order
	fleet  *spec.Fleet
	world  *plan.World
	plan   *plan.Plan
	result Result
}

// Pass compares the fleet with the server, and makes the changes that the order permits.
// The error is one of reading; failed changes are in the result.
func (s *Session) Pass(ctx context.Context, o Order) (*Result, error) {
	x := &pass{Session: s, Order: o, fleet: s.input.Fleet, result: Result{At: s.o.Now()}}
	switch err := x.observe(ctx); {
	case errors.Is(err, organization.ErrBusy):
		return nil, err
	case err != nil:
		return nil, x.newError(err)
	}
	if err := x.decide(ctx); err != nil {
		return nil, err
	}
	report := x.run(ctx)
	x.result.count(x.plan, report)
	x.remembers(ctx)
	return &x.result, nil
}

// remembers stores the memory. A memory that cannot be stored stops no change: it damps.
func (x *pass) remembers(ctx context.Context) {
	x.result.NotStored = ""
	if err := x.o.Memory.save(ctx); err != nil {
		x.result.NotStored = x.Redact(err.Error())
	}
}

// Redact returns a text without sensitive values, escaped.
func (s *Session) Redact(text string) string { return foreignLines(s.secrets.Text(text)) }

// untilStop returns a context for reading, which also ends with the order's Stop: only what
// is being written needs time to finish then.
func (x *pass) untilStop(ctx context.Context) (reading context.Context, end func()) {
	reading, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		select {
		case <-x.Stop:
			cancel()
		case <-reading.Done():
		}
	}()
	return reading, func() { cancel(); <-ended }
}

// newError returns the error for one of reading, or context.Canceled if the fleet was given
// up.
func (x *pass) newError(err error) error {
	select {
	case <-x.Stop:
		return context.Canceled
	default:
		return x.Session.newError(err)
	}
}

// observe reads what the plan needs, and plans.
func (x *pass) observe(ctx context.Context) error {
	ctx, end := x.untilStop(ctx)
	defer end()
	listing, err := x.org.Listing(ctx, x.MaxAge, x.Urgent)
	if err != nil {
		return err
	}
	if listing.Begun.After(x.used) {
		x.cache.Share(listing.World)
		x.used = listing.Begun
		for id, owner := range listing.Changed {
			if x.fleet.HasName(owner) || x.isKnown(id) {
				x.cache.Mark(id)
			}
		}
	}
	dirty := x.take()
	x.cache.Mark(dirty...)
	x.world, x.plan, err = x.cache.Plan(ctx, x.org.Client(), x.fleet, x.options(), false)
	if err != nil {
		x.putBack(dirty)
		return err
	}
	x.remember()
	return x.complete(ctx)
}

// isKnown reports whether a sandbox belongs to the fleet.
func (s *Session) isKnown(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.known[id]
}

// remember remembers the sandboxes of the fleet.
func (x *pass) remember() {
	known := map[string]bool{}
	for _, s := range x.world.Objects[spec.SandboxKind] {
		known[s.ID] = true
	}
	x.setKnown(known)
}

// options returns the options of the plan.
func (x *pass) options() plan.Options {
	return plan.Options{
		NoDestroy: !x.Destroy, AllowDestroy: x.AllowDestroy, Destroy: x.Destroy,
		DefaultRegion: x.input.Config.Target, Creations: x.o.Memory.list(),
	}
}

// complete adds to a plan where it applies, and its forecast.
func (x *pass) complete(ctx context.Context) error {
	ctx, end := x.untilStop(ctx)
	defer end()
	x.plan.Environment, x.plan.Environments = x.fleet.Environment, x.fleet.Environments
	x.plan.Server = x.input.Config.URL
	if id, err := x.org.ID(ctx, true); err == nil {
		x.plan.Organization = id
	}
	if x.plan.Empty() {
		return nil
	}
	return observe.Preflight(ctx, x.org.Client(), x.fleet, x.world, x.plan, x.input.Config.Target)
}

// decide decides which steps must wait. The error is that of a plan that cannot succeed as a
// whole, of an approval that cannot be taken, or of reading.
func (x *pass) decide(ctx context.Context) error {
	if !x.plan.Empty() {
		x.result.Digest = x.plan.ToSaved(x.fleet, x.origin()).Digest
	}
	approved, err := x.approve(ctx)
	if err != nil {
		return x.newError(err)
	}
	x.hold(approved)
	refused := x.prepare()
	if x.result.Runs && approved && x.OnApproved != nil {
		if err := x.OnApproved(ctx); err != nil {
			return err
		}
	}
	if x.OnPlan != nil {
		x.OnPlan(&x.result)
	}
	return refused
}

// approve reports whether the plan is approved, and makes it one that may destroy what it
// needs to. In a pass that applies nothing, an approval does not count yet.
func (x *pass) approve(ctx context.Context) (approved bool, err error) {
	if x.Policy.Mode == policy.Observe || x.result.Digest == "" || x.Approve != x.result.Digest {
		x.o.Memory.block(x.fleet, x.plan)
		return false, nil
	}
	opts := x.options()
	opts.AllowDestroy = max(opts.AllowDestroy, policy.AllowDestroy(x.plan))
	p, err := plan.Compute(x.fleet, x.world, opts)
	if err != nil {
		return false, err
	}
	x.plan = p
	return true, x.complete(ctx)
}

// hold blocks the steps that must wait, and describes the plan.
func (x *pass) hold(approved bool) {
	if x.Policy.Mode == policy.Observe { // the plan is shown as it would be applied
		x.result.describe(withUnblocks(x.plan), x.secrets)
	}
	held := x.o.Memory.hold(&x.Policy, x.plan, x.fleet, approved, x.o.Now())
	x.result.Needs, x.result.Next = held.NeedsApproval, held.Next
	shown := withUnblocks(x.plan)
	if x.Policy.Mode != policy.Observe {
		x.result.describe(shown, x.secrets)
	}
	x.result.wait(shown, x.secrets)
}

// prepare sets whether a part of the plan is applied. If the plan cannot succeed as a whole,
// no part is, and the error is why.
func (x *pass) prepare() error {
	if len(x.plan.BlockedBy()) >= x.plan.ChangeCount() {
		return nil
	}
	err := x.check()
	x.result.Runs = err == nil
	return err
}

// origin returns what the plan was made from, for its digest.
func (x *pass) origin() plan.Origin {
	return plan.Origin{
		Program: x.Version, Spec: plan.SavedSpec{Digest: x.fleet.Fingerprint(), Environment: x.fleet.Environment},
		Server:  plan.SavedServer{URL: x.input.Config.URL, Organization: cmp.Or(x.plan.Organization, x.world.Organization())},
		Options: x.options().ToSaved(),
	}
}

// errRefused is part of the error of a plan that cannot succeed as a whole.
var errRefused = errors.New("nothing was sent")

// IsRefused reports whether an error of Pass is that of a plan that cannot succeed: a user
// has to change something outside of the object.
func IsRefused(err error) bool { return errors.Is(err, errRefused) }

// run applies what is left of the plan. The report is nil if nothing was run.
func (x *pass) run(ctx context.Context) *apply.Report {
	if !x.result.Runs {
		return nil
	}
	x.remembers(ctx)
	report := apply.Run(ctx, x.org.Client(), x.plan, apply.Options{
		Target: x.input.Config.Target, Stop: x.Stop, Close: x.Closing, GracePeriod: gracePeriod, OnSnapshotCreate: func(s *plan.Step, id string) {
			x.o.Memory.record(s, id, x.o.Now())
			_ = x.o.Memory.save(ctx) // without it a snapshot may be left for a user to delete
		},
	}, func(apply.Event) {})
	x.cache.Ran(x.plan, report.IDs()...)
	x.org.Wrote(x.fleet.Name, report.IDs()...)
	x.o.Memory.recordReport(x.fleet, report, x.o.Now())
	x.result.record(report, x.secrets)
	return report
}

// gracePeriod is how long steps that have started may take once the fleet is given up.
const gracePeriod = 10 * time.Second

// check returns an error for a plan that cannot succeed as a whole.
func (x *pass) check() error {
	if err := x.plan.Refusal(); err != nil {
		return fmt.Errorf("%s: %w", x.Redact(err.Error()), errRefused)
	}
	f := x.plan.Forecast
	switch {
	case f == nil:
		return nil
	case f.SuspendedReason != "":
		return fmt.Errorf("%s: %w", x.Redact(f.SuspendedReason), errRefused)
	case len(f.MissingPermissions) > 0:
		return fmt.Errorf("the API key lacks the permissions %v; use a key that has them: %w", f.MissingPermissions, errRefused)
	case len(f.PersistentShortages()) > 0:
		return fmt.Errorf("the quota is too small for this plan: %s; free resources, or have the quota raised: %w", x.Redact(fmt.Sprint(f.PersistentShortages()[0])), errRefused)
	}
	return nil
}
