package schedule

import "fleet/plan"

// A RateClass is a class of operations with a limiter of its own: if the server
// bears few of one class, the others are not slowed down.
type RateClass int

// The rate classes.
const (
	CreateClass RateClass = iota
	BuildClass
	LifecycleClass // of sandboxes: starts, stops, deletions
	UpdateClass    // all other writes, with the reads before them
	ProbeClass     // commands and probes, which the API does not see
	numRateClasses
)

// rateClassOf returns the class of an operation of a step.
func rateClassOf(s *plan.Step, verb plan.Verb) RateClass {
	switch verb {
	case plan.DoCreate:
		if s.Want.BuildsImage() {
			return BuildClass
		}
		return CreateClass
	case plan.DoDelete, plan.DoStart, plan.DoStop, plan.DoPause, plan.DoArchive, plan.DoRecover:
		return LifecycleClass
	case plan.DoProbe, plan.DoHook:
		return ProbeClass
	}
	return UpdateClass
}
