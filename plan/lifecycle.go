package plan

import "fleet/spec"

// transitionOps returns the operations that move a sandbox from one run state to
// another. There are none if the states are equal or to is empty.
func transitionOps(from, to string) []Op {
	var verbs []Verb
	switch {
	case from == to || to == "":
		return nil
	case to == spec.Started:
		verbs = []Verb{DoStart}
	case from == spec.Archived:
		return append([]Op{{Verb: DoStart}}, transitionOps(spec.Started, to)...)
	case to == spec.Stopped:
		verbs = []Verb{DoStop}
	case to == spec.Archived && from == spec.Stopped:
		verbs = []Verb{DoArchive}
	case to == spec.Archived:
		verbs = []Verb{DoStop, DoArchive}
	case to == spec.Paused && from == spec.Stopped:
		verbs = []Verb{DoStart, DoPause}
	case to == spec.Paused:
		verbs = []Verb{DoPause}
	}
	ops := make([]Op, len(verbs))
	for i, v := range verbs {
		ops[i] = Op{Verb: v}
	}
	return ops
}
