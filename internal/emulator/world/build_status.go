package world

import (
	"strings"
	"time"
)

// BuildLog returns the log so far, and for how long it will not change: 0 if it is
// complete.
func (w *World) BuildLog(b BuildStatus) (text string, unchangedFor time.Duration) {
	lines := w.planBuild(b.info).Log()
	switch {
	case !b.started:
		lines = nil
	case b.refused:
		lines = []string{"ERROR: " + b.failure + "\n"}
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

// FindBuild returns the build of a sandbox or snapshot. It returns false if the object
// does not exist or was not built.
func (w *World) FindBuild(key RecordKey) (BuildStatus, bool) {
	var b BuildStatus
	switch key.Kind {
	case KindSandbox:
		sb := w.Sandboxes.ByID[key.ID]
		if sb == nil {
			return b, false
		}
		b = BuildStatus{info: sb.BuildInfo, started: sb.State != StatePendingBuild, endsAt: sb.Due}
		b.finished = b.started && sb.State != StateBuilding || sb.DesiredState == StateDestroyed
		if sb.State == StateBuildFailed {
			b.failure = ValueOr(sb.ErrorReason, "unknown error")
		}
	case KindSnapshot:
		s := w.Snapshots[key.ID]
		if s == nil {
			return b, false
		}
		b = BuildStatus{info: s.BuildInfo, started: s.State != SnapshotPending, endsAt: s.Due}
		b.finished = b.started && s.State != snapshotBuilding
		b.refused = s.State == StateBuildFailed
		if s.State == StateError || s.ErrorReason != nil {
			b.failure = ValueOr(s.ErrorReason, "unknown error")
		}
	default:
		// Other records have no build.
	}
	return b, b.info != nil
}

// BuildStatus is the progress of a build.
type BuildStatus struct {
	info     *BuildInfo
	started  bool
	finished bool
	// refused reports whether the runner refused the build, so that no step ran.
	refused bool
	// endsAt is the end of a running build; nil while the build is held.
	endsAt *Instant
	// failure is the reason why a finished build failed; "" if it succeeded.
	failure string
}

// progress spreads lines evenly over the duration of a build, the first at its start.
// It returns how many are visible and the time until the next one.
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
