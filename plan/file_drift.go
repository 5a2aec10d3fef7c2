package plan

import "fleet/spec"

// HasComparableFiles reports whether the content of the uploaded files of the step's
// sandbox can be compared: it is started, and its labels state that it has the files of
// the spec.
func (s *Step) HasComparableFiles() bool {
	return s.Want != nil && s.Have != nil && s.Have.State == spec.Started && s.Have.Settled() && !s.Have.Failed &&
		s.Blocked == nil && !s.Action.Destroys() && s.Want.UploadedFiles(s.Have.Labels)
}

// AddFileDrift records that the content of uploaded files was changed in the sandbox of a
// step. The details are clauses. A plan with such drift must not be applied.
func (s *Step) AddFileDrift(details []string) {
	s.Changes = append(s.Changes, toChanges([]spec.Diff{s.Want.UploadDiff(details)})...)
	if s.Action == NoOp {
		s.Action = Update
	}
	s.Drift = InPlace
	s.Cause = causeOf(s)
}
