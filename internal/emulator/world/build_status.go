package world

import (
	"fmt"
	"strings"
	"time"
)

// lines of a log, one for each instruction that is carried out.
func (p buildPlan) lines() []string {
	lines := make([]string, p.executed)
	for n := range lines {
		lines[n] = fmt.Sprintf("Step %d/%d : %s\n", n+1, len(p.instructions), p.instructions[n])
	}
	return lines
}

// buildLog is the log so far, and how long it will stay the same: 0 when it is
// complete.
func (w *World) BuildLog(b buildStatus) (text string, unchangedFor time.Duration) {
	plan := w.planBuild(b.info)
	lines := plan.lines()
	switch {
	case !b.started:
		lines = nil
	case b.finished && b.failure != "":
		lines = append(lines, "ERROR: "+b.failure+"\n")
	case b.finished:
		lines = append(lines, "Successfully built "+b.info.digest()[:12]+"\n")
	}
	if b.finished {
		return strings.Join(lines, ""), 0
	}
	shown, unchangedFor := len(lines), time.Second
	if b.started && b.endsAt != nil {
		shown, unchangedFor = progress(len(lines), transitionDelay(w.Delays.Build), b.endsAt.Sub(w.Now.Time))
	}
	return strings.Join(lines[:shown], ""), unchangedFor
}

// findBuild returns the build behind a sandbox or snapshot, if there is one.
func (w *World) FindBuild(key RecordKey) (buildStatus, bool) {
	var b buildStatus
	switch key.Kind {
	case KindSandbox:
		sb := w.Sandboxes.ByID[key.ID]
		if sb == nil {
			return b, false
		}
		b = buildStatus{info: sb.BuildInfo, started: sb.State != StatePendingBuild, endsAt: sb.Due}
		b.finished = b.started && sb.State != StateBuilding || sb.DesiredState == StateDestroyed
		if sb.State == StateBuildFailed {
			b.failure = ValueOr(sb.ErrorReason, "unknown error")
		}
	case KindSnapshot:
		s := w.Snapshots[key.ID]
		if s == nil {
			return b, false
		}
		b = buildStatus{info: s.BuildInfo, started: s.State != SnapshotPending, endsAt: s.Due}
		b.finished = b.started && s.State != snapshotBuilding
		if s.State == StateError || s.ErrorReason != nil {
			b.failure = ValueOr(s.ErrorReason, "unknown error")
		}
	default:
		// Nothing else is built.
	}
	return b, b.info != nil
}

// buildStatus says how far a build has got.
type buildStatus struct {
	info     *buildInfo
	started  bool
	finished bool
	// endsAt is when a running build is over; nil while it is held.
	endsAt *Instant
	// failure is why a build that is over failed; "" when it did not.
	failure string
}

// progress spreads lines over the time that a build takes, the first at its
// beginning, and tells how long it is until the next.
func progress(lines int, takes, left time.Duration) (shown int, unchangedFor time.Duration) {
	each := takes / time.Duration(max(lines, 1))
	if each <= 0 {
		return lines, max(left, time.Millisecond)
	}
	passed := max(0, takes-left)
	shown = min(lines, int(passed/each)+1)
	if shown == lines {
		return shown, max(left, time.Millisecond)
	}
	return shown, max(time.Duration(shown)*each-passed, time.Millisecond)
}
