package observe

import (
	"testing"

	"fleet/client"
	"fleet/plan"
	"fleet/spec"
)

// TestRouteOf checks which limit and permission each verb takes.
func TestRouteOf(t *testing.T) {
	for _, test := range []struct {
		kind spec.Kind
		op   plan.Op
		want client.Route
	}{
		{spec.SandboxKind, plan.Op{Verb: plan.DoCreate}, client.Route{Class: client.RateCreate, NonIdempotent: true, Permission: "write:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoDelete}, client.Route{Class: client.RateLifecycle, Permission: "delete:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoArchive}, client.Route{Class: client.RateLifecycle, NonIdempotent: true, Permission: "write:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoRecover}, client.Route{Class: client.RateLifecycle, NonIdempotent: true, Permission: "write:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoFinish}, client.Route{Class: client.RateGeneral, Permission: "write:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoCall, Call: &spec.Call{Method: "POST", Path: "resize"}}, client.Route{Class: client.RateLifecycle, NonIdempotent: true, Permission: "write:sandboxes"}},
		{spec.SandboxKind, plan.Op{Verb: plan.DoCall, Call: &spec.Call{Method: "POST", Path: "autostop/30"}}, client.Route{Class: client.RateGeneral, Permission: "write:sandboxes"}},
		{spec.SnapshotKind, plan.Op{Verb: plan.DoCreate}, client.Route{Class: client.RateGeneral, NonIdempotent: true, Permission: "write:snapshots"}},
		{spec.SnapshotKind, plan.Op{Verb: plan.DoDeactivate}, client.Route{Class: client.RateGeneral, Permission: "write:snapshots"}},
		{spec.VolumeKind, plan.Op{Verb: plan.DoDelete}, client.Route{Class: client.RateGeneral, Permission: "delete:volumes"}},
	} {
		if got, ok := routeOf(test.kind, &test.op); got != test.want || !ok {
			t.Errorf("%s %s: %+v, %t, want %+v", test.kind, test.op.Verb, got, ok, test.want)
		}
	}
	if r, ok := routeOf(spec.SandboxKind, &plan.Op{Verb: plan.DoSettle}); ok {
		t.Errorf("a wait takes %+v", r)
	}
}
