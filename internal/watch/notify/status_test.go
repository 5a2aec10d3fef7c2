package notify

import (
	"context"
	"testing"
	"testing/synctest"

	"fleet/internal/journal"
)

func TestStatus(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJournal()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		var got string
		calls := 0
		go FollowStatus(ctx, j, func(line string) {
			got = line
			calls++
		})
		for _, step := range []struct {
			do   func()
			want string
		}{
			{func() { j.Begin("start", "") }, "reconciling (start)"},
			{func() { j.End(func(p *journal.Pass) { p.Outcome = journal.InSync }) }, "last pass at 2000-01-01 00:00:00Z: in sync"},
			{func() { pass(j, journal.Failed, "503", 0) }, "last pass at 2000-01-01 00:00:00Z: failed: 503"},
			{func() { j.Raise("a", "x") }, "last pass at 2000-01-01 00:00:00Z: failed: 503; alarms: 1"},
			{func() { j.Raise("a", "y") }, "last pass at 2000-01-01 00:00:00Z: failed: 503; alarms: 1"},
			{func() { j.Clear("a") }, "last pass at 2000-01-01 00:00:00Z: failed: 503"},
			{func() { waiting(j, "d1") }, "last pass at 2000-01-01 00:00:00Z: waiting; a plan waits for approval"},
			{func() { j.SetPaused("sandbox.a", true, "page") }, "last pass at 2000-01-01 00:00:00Z: waiting; a plan waits for approval; paused addresses: 1"},
			{func() { j.SetPaused("", true, "page") }, "last pass at 2000-01-01 00:00:00Z: waiting; a plan waits for approval; paused"},
			{func() { j.Approved("d1", "page") }, "last pass at 2000-01-01 00:00:00Z: waiting; paused"},
		} {
			step.do()
			if synctest.Wait(); got != step.want {
				t.Errorf("got %q, want %q", got, step.want)
			}
		}
		if calls != 9 {
			t.Errorf("%d calls", calls)
		}
		cancel()
		synctest.Wait()
	})
}
