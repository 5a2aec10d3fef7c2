package controller

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
	"fleet/operator/internal/session"
	"fleet/operator/internal/source"
	"fleet/plan"
)

// restrict takes the permissions to write from the key of the operator.
func (d *daytona) restrict(t testing.TB) {
	t.Helper()
	body := `{"key": "dtn_operator", "permissions": ["read:volumes", "read:snapshots", "read:sandboxes"]}`
	rec := httptest.NewRecorder()
	d.Server.ServeHTTP(rec, httptest.NewRequest(http.MethodPost, "/_emulator/keys", strings.NewReader(body)))
	if rec.Code >= 300 {
		t.Fatalf("%d %s", rec.Code, rec.Body)
	}
}

// A statusSpy counts the writes of the status.
type statusSpy struct {
	client.Client
	writes int
}

func (c *statusSpy) Status() client.SubResourceWriter { return statusWriter{c.Client.Status(), c} }

type statusWriter struct {
	client.SubResourceWriter
	spy *statusSpy
}

func (w statusWriter) Patch(ctx context.Context, o client.Object, p client.Patch, opts ...client.SubResourcePatchOption) error {
	w.spy.writes++
	return w.SubResourceWriter.Patch(ctx, o, p, opts...)
}

// TestRefusedPlan: a plan that the server would refuse is shown, and tried again without any
// sign of it while nothing changes. What the user asked for by annotation is done.
func TestRefusedPlan(t *testing.T) {
	l := newLab(t)
	l.server.restrict(t)
	l.create("a", func(f *v1alpha1.Fleet) {
		f.Annotations = map[string]string{v1alpha1.ReconcileAnnotation: "now"}
	})
	f := l.pass("a")
	if reason(f, v1alpha1.Stalled) != v1alpha1.ReasonPlanRefused || f.Status.HandledReconcileAt != "now" || f.Status.Plan == nil || f.Status.Plan.ConfigMap == "" {
		t.Fatalf("the status is %+v", f.Status)
	}
	events := l.record()
	spy := &statusSpy{Client: l.r.Client}
	l.r.Client = spy
	l.server.take()
	for range 3 {
		l.server.clock.moveTo(l.server.clock.Now().Add(5 * time.Minute))
		l.pass("a")
	}
	if list := events(); spy.writes > 0 || len(list) > 0 {
		t.Errorf("without a change, the status was written %d times; events: %q", spy.writes, list)
	}
	if _, requests := l.server.take(); strings.Contains(requests, "GET volumes") { // the preflight sends the rest
		t.Errorf("each retry lists: %s", requests)
	}
}

// TestConditionsOfRun: what lasts while a plan is applied keeps its condition, so that the
// condition does not change twice in each pass.
func TestConditionsOfRun(t *testing.T) {
	failed := &session.Result{Changes: 2, Failures: []session.Failure{{Address: "sandbox.web", Action: "create", Text: "t"}}}
	invalid := &source.Problem{Reason: v1alpha1.ReasonInvalidSpec, Message: "m"}
	gone := &source.UnavailableError{}
	for name, test := range map[string]struct {
		before, run outcome // the last outcome, and what is known when a plan is applied
		holds       []string
		ready       string
	}{
		"new":                   {outcome{}, outcome{}, []string{"Planned", "Reconciling"}, "Applying"},
		"failed before":         {outcome{result: failed}, outcome{}, []string{"Degraded", "Planned", "Reconciling"}, "Applying"},
		"not stored before":     {outcome{result: &session.Result{NotStored: "quota"}}, outcome{}, []string{"Degraded", "Planned", "Reconciling"}, "Applying"},
		"unreachable before":    {outcome{err: &session.Error{Text: "t"}}, outcome{}, []string{"Planned", "Reconciling"}, "Applying"},
		"refused before":        {outcome{err: &session.Error{Text: "t", Refused: true}}, outcome{}, []string{"Planned", "Reconciling"}, "Applying"},
		"invalid, works":        {outcome{problem: invalid, result: &session.Result{}}, outcome{problem: invalid}, []string{"Planned", "Stalled"}, "InvalidSpec"},
		"invalid before":        {outcome{problem: invalid}, outcome{}, []string{"Planned", "Reconciling"}, "Applying"},
		"registry, works":       {outcome{}, outcome{err: gone}, []string{"Degraded", "Planned", "Reconciling"}, "Applying"},
		"failed, then registry": {outcome{result: failed}, outcome{err: gone}, []string{"Degraded", "Planned", "Reconciling"}, "Applying"},
	} {
		s := &v1alpha1.FleetStatus{}
		setConditions(s, conditionsOf(&test.before), 1, metav1.NewTime(time.Unix(1, 0)))
		before := slices.Clone(s.Conditions)
		test.run.result = &session.Result{Changes: 1, Runs: true, Waiting: []session.Waiting{{Kind: plan.Window}}}
		setConditions(s, conditionsOfRun(&test.run, s.Conditions), 1, metav1.NewTime(time.Unix(2, 0)))
		if holds := holding(s); !slices.Equal(holds, test.holds) || reason(&v1alpha1.Fleet{Status: *s}, v1alpha1.Ready) != test.ready {
			t.Errorf("%s: %v hold, want %v; Ready is %+v", name, holds, test.holds, find(s.Conditions, v1alpha1.Ready))
		}
		for _, kind := range []string{v1alpha1.Stalled, v1alpha1.Degraded} {
			was, is := find(before, kind), find(s.Conditions, kind)
			if was != nil && is != nil && was.Status == is.Status && !was.LastTransitionTime.Equal(&is.LastTransitionTime) {
				t.Errorf("%s: %s changed in between", name, kind)
			}
		}
	}
}

// holding returns the types of the conditions that are True, in order.
func holding(s *v1alpha1.FleetStatus) (holds []string) {
	for _, c := range s.Conditions {
		if c.Status == metav1.ConditionTrue {
			holds = append(holds, c.Type)
		}
	}
	slices.Sort(holds)
	return holds
}
