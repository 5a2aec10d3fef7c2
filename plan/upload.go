package plan

import (
	"slices"
	"strings"

	"fleet/spec"
)

// uploadsLater is the reason to leave files as they are in a sandbox that is not started.
const uploadsLater = "its files are uploaded when it is next found started"

// postponesUpload reports whether the step leaves files as they are.
func (s *Step) postponesUpload() bool { return strings.HasSuffix(s.RetainedReason, uploadsLater) }

// planUpload adds the upload of files to a step with operations in place, at the first
// time at which the sandbox is started. If it is not started by the step, the difference
// stays, with the reason. The diffs are those of the whole sandbox.
func (c *planner) planUpload(s *Step, diffs []spec.Diff) (rest []spec.Diff) {
	if !slices.ContainsFunc(diffs, spec.Diff.NeedsUpload) || c.addUpload(s) {
		return diffs
	}
	return slices.DeleteFunc(slices.Clone(diffs), spec.Diff.NeedsUpload)
}

// addUpload adds the upload of files to the operations of a step, and reports whether the
// sandbox is started at some time of the step.
func (c *planner) addUpload(s *Step) bool {
	have := s.Have
	if have.TargetState == spec.Started && !have.Failed {
		s.Ops = slices.Concat(withSettle(have, Op{Verb: DoUpload}), s.Ops)
		return true
	}
	return s.insertUpload()
}

// insertUpload inserts the upload of files after the first operation that leaves the
// sandbox started. It reports whether there is one.
func (s *Step) insertUpload() bool {
	i := slices.IndexFunc(s.Ops, func(op Op) bool { return op.Verb.RunState() == spec.Started })
	if i < 0 {
		return false
	}
	s.Ops = slices.Insert(slices.Clone(s.Ops), i+1, Op{Verb: DoUpload})
	return true
}

// addUploads adds the upload of files to a step that creates a sandbox, or that starts one
// in order to complete it.
func (c *planner) addUploads(s *Step) {
	if s.Want == nil || s.Want.Files() == nil || s.hasVerb(DoUpload) {
		return
	}
	creates := s.hasVerb(DoCreate)
	if !creates && (s.Have == nil || s.Blocked != nil || !slices.ContainsFunc(s.Want.Diff(s.Have.Object, c.world.Facts), spec.Diff.NeedsUpload)) {
		return
	}
	if s.insertUpload() && s.postponesUpload() {
		s.RetainedReason = strings.TrimSuffix(strings.TrimSuffix(s.RetainedReason, uploadsLater), "; ")
	}
}
