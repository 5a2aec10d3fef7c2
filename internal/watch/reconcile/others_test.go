package reconcile

import (
	"fmt"
	"testing"
	"time"

	"fleet/apply"
	"fleet/internal/journal"
)

// TestOtherWatch: objects that change between plan and execution again and again are a
// sign of another watch, which is reported until it is an hour old.
func TestOtherWatch(t *testing.T) {
	now := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	e := &Engine{Options: Options{Journal: journal.New(clock, journal.Head{}), Now: clock}}
	stale := apply.Result{Outcome: apply.Failed, Err: fmt.Errorf("left alone; %w", apply.ErrStale)}
	for i, results := range [][]apply.Result{{stale}, {stale, {Outcome: apply.Done}}, {stale}} {
		(&pass{Engine: e, report: &apply.Report{Results: results}}).watchOthers()
		if head := e.Journal.State().Head; (head.OtherWatch != "") != (i == 2) {
			t.Errorf("after %d passes: %q", i+1, head.OtherWatch)
		}
	}
	if alarms := e.Journal.State().Alarms; len(alarms) != 1 || alarms[0].Name != otherWatch {
		t.Errorf("alarms: %+v", alarms)
	}
	now = now.Add(staleTime + time.Second)
	(&pass{Engine: e, report: &apply.Report{}}).watchOthers()
	if s := e.Journal.State(); s.OtherWatch != "" || len(s.Alarms) > 0 {
		t.Errorf("after an hour: %q, %+v", s.OtherWatch, s.Alarms)
	}
}
