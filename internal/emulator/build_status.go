package emulator

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
func (w *world) buildLog(b buildStatus) (text string, unchangedFor time.Duration) {
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
		shown, unchangedFor = progress(len(lines), transitionDelay(w.delays.Build), b.endsAt.Sub(w.now.Time))
	}
	return strings.Join(lines[:shown], ""), unchangedFor
}

// findBuild returns the build behind a sandbox or snapshot, if there is one.
func (w *world) findBuild(key recordKey) (buildStatus, bool) {
	var b buildStatus
	switch key.kind {
	case kindSandbox:
		sb := w.sandboxes.byID[key.id]
		if sb == nil {
			return b, false
		}
		b = buildStatus{info: sb.BuildInfo, started: sb.State != statePendingBuild, endsAt: sb.Due}
		b.finished = b.started && sb.State != stateBuilding || sb.DesiredState == stateDestroyed
		if sb.State == stateBuildFailed {
			b.failure = valueOr(sb.ErrorReason, "unknown error")
		}
	case kindSnapshot:
		s := w.snapshots[key.id]
		if s == nil {
			return b, false
		}
		b = buildStatus{info: s.BuildInfo, started: s.State != snapshotPending, endsAt: s.Due}
		b.finished = b.started && s.State != snapshotBuilding
		if s.State == stateError || s.ErrorReason != nil {
			b.failure = valueOr(s.ErrorReason, "unknown error")
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
	endsAt *instant
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
