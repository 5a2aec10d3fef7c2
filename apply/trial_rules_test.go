package apply

import (
	"errors"
	"testing"
	"time"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// refused is the error of a request that the server refused.
func refused(class client.ErrorClass) error { return &client.Error{Class: class, Message: "no"} }

// TestRefusalDuringTheRunByClass goes through all that a server may refuse:
// whether it is about the organization, and whether the same content would be
// refused again.
func TestRefusalDuringTheRunByClass(t *testing.T) {
	for class, want := range map[client.ErrorClass]struct{ organizational, again bool }{
		client.BadRequest: {false, true}, client.NotFound: {false, true}, client.IllegalState: {false, true}, client.NotSupported: {false, true},
		client.FailedToStart: {false, true}, client.TooBig: {false, true},
		client.QuotaExceeded: {true, true}, client.NoCapacity: {true, true}, client.Suspended: {true, true}, client.Forbidden: {true, true}, client.Maintenance: {true, true},
		client.ServerError: {}, client.Unreachable: {}, client.RateLimited: {}, client.NameTaken: {}, client.Busy: {}, client.InTransition: {}, client.InUse: {},
		client.NotDaytona: {}, client.NotJSON: {}, client.TimedOut: {}, client.Unauthorized: {},
	} {
		if got := organizational(refused(class)); got != want.organizational {
			t.Errorf("%s: about the organization: %t", class, got)
		}
		if got := wouldRecur(refused(class)); got != want.again {
			t.Errorf("%s: refused again: %t", class, got)
		}
	}
	if err := errors.New("x"); organizational(err) || wouldRecur(err) {
		t.Error("an error that is no refusal is taken for one")
	}
}

// TestRefusalDuringTheRunWithTheSameCause checks which failures are told apart by
// what they say, and which are the same whatever they say.
func TestRefusalDuringTheRunWithTheSameCause(t *testing.T) {
	for class, same := range map[client.ErrorClass]bool{
		client.ServerError: true, client.Unreachable: true, client.NotJSON: true, client.NotDaytona: true, client.RateLimited: true,
		client.BadRequest: false, client.NotFound: false, client.FailedToStart: false,
	} {
		one, other := refusalKey(&client.Error{Class: class, Message: "a"}), refusalKey(&client.Error{Class: class, Message: "b"})
		if (one == other) != same {
			t.Errorf("%s: %q and %q", class, one, other)
		}
	}
	if refusalKey(errors.New("a")) == refusalKey(errors.New("b")) {
		t.Error("all errors have the same cause")
	}
	if refusalKey(refused(client.ServerError)) == refusalKey(refused(client.Unreachable)) {
		t.Error("all classes have the same cause")
	}
}

// replacing is a task that replaces a sandbox, at one of its operations: 0
// deletes it and 1 creates the new one.
func replacing(at int) *task {
	return &task{opIndex: at, step: &plan.Step{
		Address: spec.Address{Kind: spec.SandboxKind, Key: "a"}, Action: plan.Replace, Ops: []plan.Op{{Verb: plan.DoDelete}, {Verb: plan.DoCreate}},
	}}
}

// TestTrialMayHaveLost checks when a failed replacement may have cost its
// sandbox.
func TestTrialMayHaveLost(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*task)
		want   bool
	}{
		"its deletion was refused":          {func(t *task) { t.result.Err = refused(client.Forbidden) }, false},
		"its deletion may have been sent":   {func(t *task) { t.result.Err = refused(client.Unreachable) }, true},
		"its creation was refused":          {func(t *task) { t.opIndex, t.result.Err = 1, refused(client.Forbidden) }, true},
		"it failed after its creation":      {func(t *task) { t.opIndex, t.step.Ops = 2, append(t.step.Ops, plan.Op{Verb: plan.DoStop}) }, true},
		"it was touched":                    {func(t *task) { t.disrupted, t.result.Err = true, refused(client.Forbidden) }, true},
		"a hook before may have run or not": {func(t *task) { t.step.Ops[0].Verb, t.result.Err = plan.DoHook, refused(client.Unreachable) }, false},
	} {
		task := replacing(0)
		if c.change(task); task.mayHaveLostSandbox() != c.want {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
}

// TestTrialToleratedByItsRollout checks that a rollout that has not failed goes on
// after a sandbox that was created.
func TestTrialToleratedByItsRollout(t *testing.T) {
	for name, c := range map[string]struct {
		rollout *rollout
		at      int
		id      string
		want    bool
	}{
		"created":           {&rollout{}, 1, "7", true},
		"no rollout":        {nil, 1, "7", false},
		"a failed rollout":  {&rollout{failure: errors.New("x")}, 1, "7", false},
		"not created":       {&rollout{}, 1, "", false},
		"not deleted, even": {&rollout{}, 0, "7", false},
	} {
		task := replacing(c.at)
		if task.rollout, task.id = c.rollout, c.id; task.tolerated() != c.want {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
}

// TestTrialThatLosesNothingByCreation checks which refusals of a creation say
// nothing of the replacements of the same request.
func TestTrialThatLosesNothingByCreation(t *testing.T) {
	same, larger := replacing(0), replacing(0)
	larger.step.IncreasesUsage = true
	for name, c := range map[string]struct {
		of      *task
		err     error
		members []*task
		failure error
		want    bool
	}{
		"no room":                    {&task{step: &plan.Step{}}, refused(client.QuotaExceeded), []*task{same}, nil, true},
		"no runner":                  {&task{step: &plan.Step{}}, refused(client.NoCapacity), []*task{same}, nil, true},
		"no room for a larger one":   {&task{step: &plan.Step{}}, refused(client.QuotaExceeded), []*task{same, larger}, nil, false},
		"no runner for a larger one": {&task{step: &plan.Step{}}, refused(client.NoCapacity), []*task{larger}, nil, false},
		"its name is taken":          {&task{step: &plan.Step{}}, errNotOurs, []*task{larger}, nil, true},
		"another refusal":            {&task{step: &plan.Step{}}, refused(client.BadRequest), []*task{same}, nil, false},
		"of a replacement":           {replacing(1), refused(client.QuotaExceeded), []*task{same}, nil, false},
		"after the trial failed":     {&task{step: &plan.Step{}}, refused(client.QuotaExceeded), []*task{same}, errors.New("x"), false},
	} {
		c.of.trial = &trial{members: c.members, failure: c.failure}
		if c.of.result.Err = c.err; c.of.failedHarmlessly() != c.want {
			t.Errorf("%s: %t", name, !c.want)
		}
	}
}

// TestTrialConcernsItsRegion checks that a lack of room in one region is none in
// another, and that all else concerns everybody.
func TestTrialConcernsItsRegion(t *testing.T) {
	all := wanted(t)
	of := func(key string) *task { return &task{step: &plan.Step{Want: all["sandbox."+key]}} }
	regions := spec.Facts{Regions: map[string]string{"eu": "r1", "us": "r2"}}
	for name, c := range map[string]struct {
		class       client.ErrorClass
		here, there string
		target      string
		want        bool
	}{
		"quota, the same region":        {client.QuotaExceeded, "eu", "eu", "", true},
		"quota, another region":         {client.QuotaExceeded, "eu", "us", "", false},
		"runners, another region":       {client.NoCapacity, "eu", "us", "", false},
		"suspended, another region":     {client.Suspended, "eu", "us", "", true},
		"quota, here unknown":           {client.QuotaExceeded, "plain", "us", "", true},
		"quota, there unknown":          {client.QuotaExceeded, "us", "plain", "", true},
		"quota, the usual region":       {client.QuotaExceeded, "eu", "plain", "eu", true},
		"quota, not the usual region":   {client.QuotaExceeded, "us", "plain", "eu", false},
		"quota, here the usual region":  {client.QuotaExceeded, "plain", "us", "eu", false},
		"quota, both the usual regions": {client.QuotaExceeded, "plain", "plain", "eu", true},
	} {
		r := &runner{facts: regions, opts: Options{Target: c.target}}
		if got := r.affects(refused(c.class), of(c.here), &trial{members: []*task{of(c.there)}}); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestTrialIsAwaited checks who waits for a trial, and who could start but for
// it.
func TestTrialIsAwaited(t *testing.T) {
	began := time.Now()
	for name, c := range map[string]struct {
		change        func(*task)
		awaits, ready bool
	}{
		"a member":                {func(*task) {}, true, true},
		"one that has started":    {func(t *task) { t.start = began }, false, false},
		"one that has ended":      {func(t *task) { t.ended = true }, true, false},
		"one that waits":          {func(t *task) { t.pendingDeps = 1 }, true, false},
		"one without a trial":     {func(t *task) { t.trial = nil }, false, true},
		"after the trial":         {func(t *task) { t.trial.passed = true }, false, true},
		"the first":               {func(t *task) { t.trial.first = t }, false, true},
		"of the wave that is due": {func(t *task) { t.rollout, t.step.Wave = &rollout{wave: 1}, 2 }, true, true},
		"of a later wave":         {func(t *task) { t.rollout, t.step.Wave = &rollout{wave: 1}, 3 }, true, false},
		"of an earlier wave":      {func(t *task) { t.rollout, t.step.Wave = &rollout{wave: 1}, 1 }, true, false},
		"of no wave":              {func(t *task) { t.rollout = &rollout{wave: 1} }, true, true},
	} {
		task := replacing(0)
		task.trial = &trial{first: replacing(0)}
		c.change(task)
		if task.awaitsTrial() != c.awaits || task.startable() != c.ready {
			t.Errorf("%s: waits %t, could start %t", name, task.awaitsTrial(), task.startable())
		}
	}
}
