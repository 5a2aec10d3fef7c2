package lease

import (
	"context"
	"errors"
	"testing"
	"time"
)

// renewed returns a fence whose lease was last renewed some time ago.
func renewed(ago time.Duration) *Fence {
	f := &Fence{lease: "test"}
	f.renew(now() - ago)
	return f
}

func TestFence(t *testing.T) {
	revoked := renewed(0)
	revoked.revoke(errEnded)
	revoked.renew(now())
	settling := renewed(0)
	settling.settle(now() + time.Hour)
	settled := renewed(0)
	settled.settle(now())
	late := renewed(time.Second)
	late.renew(now() - time.Hour)
	for _, c := range []struct {
		name  string
		fence *Fence
		open  bool
	}{
		{"zero", &Fence{}, false},
		{"renewed", renewed(0), true},
		{"renewed a while ago", renewed(RenewDeadline - time.Second), true},
		{"renewed too long ago", renewed(RenewDeadline), false},
		{"an older renewal is recorded later", late, true},
		{"revoked, then renewed", revoked, false},
		{"settling", settling, false},
		{"settled", settled, true},
	} {
		err := c.fence.Check()
		if (err == nil) != c.open {
			t.Errorf("%s: %v", c.name, err)
		}
		if err != nil && !errors.Is(err, ErrFenced) {
			t.Errorf("%s: %v does not wrap ErrFenced", c.name, err)
		}
	}
}

// A guarded request ends before another replica may hold the lease, and not while renewals
// arrive.
func TestGuard(t *testing.T) {
	f := renewed(abandonAfter - 50*time.Millisecond)
	ctx, cancel := f.guard(t.Context())
	defer cancel(nil)
	<-ctx.Done()
	if err := context.Cause(ctx); !errors.Is(err, ErrFenced) {
		t.Errorf("the guard ended with %v", err)
	}
	if f.expired() {
		t.Error("the guard ended after the lease")
	}

	kept := renewed(abandonAfter - 50*time.Millisecond)
	ctx, cancel = kept.guard(t.Context())
	defer cancel(nil)
	other, cancelOther := renewed(abandonAfter - 100*time.Millisecond).guard(t.Context())
	defer cancelOther(nil)
	kept.renew(now())
	<-other.Done() // the first deadline of the guard has passed
	if ctx.Err() != nil {
		t.Error("the guard ended although the lease was renewed")
	}
}
