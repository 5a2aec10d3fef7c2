package controller

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/internal/watch"
	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/plan"
)

// outcomes are the outcomes of reconciliations, with the conditions that are True and the
// reason of Ready.
var outcomes = map[string]struct {
	o     outcome
	holds []string
	ready string
}{
	"in sync":        {outcome{result: &session.Result{Wanted: 2, AsWanted: 2}}, []string{"Ready"}, "InSync"},
	"all done":       {outcome{result: &session.Result{Changes: 2, Done: 2}}, []string{"Ready"}, "InSync"},
	"suspended":      {outcome{suspended: true}, nil, "Suspended"},
	"invalid":        {outcome{problem: &source.Problem{Reason: v1alpha1.ReasonInvalidSpec, Message: "m"}}, []string{"Stalled"}, "InvalidSpec"},
	"invalid, works": {outcome{problem: &source.Problem{Reason: v1alpha1.ReasonInvalidSpec}, result: &session.Result{}}, []string{"Stalled"}, "InvalidSpec"},
	"taken":          {outcome{taken: "a/b"}, []string{"Blocked", "Stalled"}, "FleetNameTaken"},
	"unreachable":    {outcome{err: &session.Error{Text: "t"}}, []string{"Degraded", "Reconciling"}, "ServerUnreachable"},
	"refused":        {outcome{err: &session.Error{Text: "t", Refused: true}}, []string{"Degraded", "Stalled"}, "CredentialsRefused"},
	"forbidden":      {outcome{err: &clusterError{"t"}}, []string{"Degraded", "Reconciling"}, "ClusterError"},
	"failed": {
		outcome{result: &session.Result{Changes: 2, Done: 1, Failures: []session.Failure{{Address: "sandbox.web", Action: "create", Text: "t"}}}},
		[]string{"Degraded", "Planned", "Reconciling"},
		"ChangesFailed",
	},
	"observe": {waitingFor(plan.Mode, ""), []string{"Planned"}, "Drifted"},
	"dry run": {outcome{dryRun: true, result: &session.Result{Changes: 1, Waiting: []session.Waiting{{Kind: plan.Mode}}}}, []string{"Planned"}, "Drifted"},
	"approval": {
		waitingFor(plan.BlastRadius, "1 step would destroy objects"), []string{"Blocked", "Planned"}, "ApprovalNeeded",
	},
	"conflict": {waitingFor(plan.Conflict, ""), []string{"Blocked", "Planned"}, "Waiting"},
	"back-off": {
		outcome{result: &session.Result{Changes: 1, BacksOff: true, Waiting: []session.Waiting{{Kind: plan.BackOff}}}},
		[]string{"Degraded", "Planned", "Reconciling"},
		"Waiting",
	},
	"stopped": {outcome{result: &session.Result{Changes: 1, Stopped: true}}, []string{"Planned", "Reconciling"}, "Applying"},
}

func waitingFor(kind plan.BlockKind, needs string) outcome {
	return outcome{result: &session.Result{Changes: 1, Digest: "sha256:1", Needs: needs, Waiting: []session.Waiting{{Kind: kind, Address: "sandbox.web", Reason: "r", Count: 1}}}}
}

// TestConditions: each outcome has the conditions that kstatus and users understand.
func TestConditions(t *testing.T) {
	for name, test := range outcomes {
		s := &v1alpha1.FleetStatus{Conditions: []metav1.Condition{{Type: v1alpha1.Stalled, Status: metav1.ConditionTrue}, {Type: v1alpha1.Reconciling, Status: metav1.ConditionTrue}}}
		setConditions(s, conditionsOf(&test.o), 7, metav1.Now())
		var holds []string
		for _, c := range s.Conditions {
			if c.Status == metav1.ConditionTrue {
				holds = append(holds, c.Type)
			}
			if c.Reason == "" || c.ObservedGeneration != 7 {
				t.Errorf("%s: %+v", name, c)
			}
		}
		slices.Sort(holds)
		if !slices.Equal(holds, test.holds) {
			t.Errorf("%s: %v hold, want %v", name, holds, test.holds)
		}
		if c := find(s.Conditions, v1alpha1.Ready); c == nil || c.Reason != test.ready {
			t.Errorf("%s: Ready is %+v, want the reason %s", name, c, test.ready)
		}
		if c := find(s.Conditions, v1alpha1.Stalled); c != nil && find(s.Conditions, v1alpha1.Reconciling) != nil {
			t.Errorf("%s: Stalled and Reconciling", name)
		}
	}
}

// TestStuckDeletion: each message about a fleet that is not deleted yet names the policy
// that releases the object, once.
func TestStuckDeletion(t *testing.T) {
	outcomes := maps.Clone(outcomes)
	delete(outcomes, "taken") // the object that is deleted yields
	long := outcome{problem: &source.Problem{Reason: v1alpha1.ReasonInvalidSpec, Message: strings.Repeat("\u00e9", maxMessage)}}
	outcomes["long"] = struct {
		o     outcome
		holds []string
		ready string
	}{o: long}
	for name, test := range outcomes {
		for destroys, want := range map[bool]int{false: 0, true: 1} {
			test.o.destroys = destroys
			s := &v1alpha1.FleetStatus{}
			setConditions(s, conditionsOf(&test.o), 1, metav1.Now())
			for _, c := range s.Conditions {
				isStuck := (c.Status == metav1.ConditionTrue) != (c.Type == v1alpha1.Ready) && c.Type != v1alpha1.Planned
				if !isStuck || c.Reason == v1alpha1.ReasonApplying {
					continue
				}
				if n := strings.Count(c.Message, "spec.deletionPolicy: Orphan"); n != want {
					t.Errorf("%s, deleted is %t: %s is %q", name, destroys, c.Type, c.Message)
				}
			}
		}
	}
}

// TestLongMessages: a message is cut, as it is the status that the API server refuses
// otherwise.
func TestLongMessages(t *testing.T) {
	s := &v1alpha1.FleetStatus{}
	setConditions(s, conditionsOf(&outcome{err: errors.New(strings.Repeat("\u00e9", 50_000))}), 1, metav1.Now())
	if c := find(s.Conditions, v1alpha1.Ready); len(c.Message) > maxMessage+3 {
		t.Errorf("%d bytes", len(c.Message))
	}
}

// TestTexts: messages name what a user can do.
func TestTexts(t *testing.T) {
	o := waitingFor(plan.BlastRadius, "1 step would destroy objects")
	if text := ready(&o).message; !strings.Contains(text, "daytona.fleet/approve=sha256:1") {
		t.Errorf("the message is %q", text)
	}
	var many session.Result
	for i := range 9 {
		many.Failures = append(many.Failures, session.Failure{Address: fmt.Sprint("sandbox.web", i), Action: "create", Text: "t"})
	}
	if text := failuresText(&many); !strings.HasSuffix(text, "; and 6 more") {
		t.Errorf("the text is %q", text)
	}
}

// TestRequeue: every outcome is followed by another reconciliation, since events consume
// the time that was set before. Only a suspended object waits for its user.
func TestRequeue(t *testing.T) {
	for name, test := range outcomes {
		w := &work{Reconciler: &Reconciler{}, entry: &entry{session: session.New(session.Options{})}, fleet: &v1alpha1.Fleet{}, outcome: test.o}
		after := w.requeue().RequeueAfter
		if name == "suspended" != (after == 0) || after > polledInterval+polledInterval/10 {
			t.Errorf("%s: again after %s", name, after)
		}
		interrupted := make(chan struct{})
		close(interrupted)
		w.interrupted = interrupted
		if after := w.requeue().RequeueAfter; after != shortest {
			t.Errorf("%s, and the object has changed meanwhile: again after %s", name, after)
		}
	}
}

// TestRetryDelay: the time between failures grows up to a limit, and is that of the server
// if it asks for more.
func TestRetryDelay(t *testing.T) {
	w := &work{entry: &entry{}}
	before := time.Duration(0)
	for range 20 {
		w.entry.failures++
		wait := w.retryDelay(errors.New("e"))
		if wait < before*9/10 || wait > watch.LastRetry*11/10 {
			t.Errorf("failure %d: %s after %s", w.entry.failures, wait, before)
		}
		before = wait
	}
	if wait := w.retryDelay(&session.Error{RetryAfter: time.Hour}); wait < time.Hour {
		t.Errorf("the server asked for an hour: %s", wait)
	}
}
