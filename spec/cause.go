package spec

import "slices"

// A Cause says where a difference comes from: what is wanted, what is there
// and what was last applied are compared three ways. What was last applied is
// told by the seal and, of labels, by the keys that fleet remembers. Of other
// attributes nothing remembers it: they only differ.
type Cause string

// The causes of a difference.
const (
	ChangedRemotely Cause = "changed by someone" // the spec says what was last applied, and something else is there
	SpecChanged     Cause = "spec changed"       // what was last applied is there, and the spec says something else
	BothChanged     Cause = "both"               // none of the three is like another
	Differs         Cause = "differs"            // nothing tells what was last applied
)

// Combine is the cause of two differences of one object. What is only known to
// differ may be of anybody's making, so that it does not pass for a change of
// the spec.
func (c Cause) Combine(other Cause) Cause {
	has := func(x Cause) bool { return c == x || other == x }
	switch {
	case c == "" || c == other:
		return other
	case other == "":
		return c
	case has(BothChanged), has(ChangedRemotely) && has(SpecChanged):
		return BothChanged
	case has(ChangedRemotely):
		return ChangedRemotely
	}
	return Differs
}

// cause is the cause of a difference in an object with a seal; asSealed means
// that the seal is that of the wanted value.
func cause(m *managedAttribute, d Diff, have Object, fp fingerprint, matchesWanted bool) Cause {
	switch {
	case m.MergesKeys:
		return causeOfLabels(d, have.Labels)
	case m.FingerprintLetter == 0 || have.Labels[FleetLabel] == "":
		return Differs
	}
	last := fp.digestOf(m.FingerprintLetter)
	switch {
	case last == "" && have.Labels[NameDigestLabel] == "" && fp.text == "": // the seal is lost, too
		return Differs
	case last == "", d.Unknown: // it was not managed; or the seal is all that there is, and is another one
		return SpecChanged
	case matchesWanted:
		return ChangedRemotely
	case digest(d.Have)[:len(last)] == last:
		return SpecChanged
	}
	return BothChanged
}

// causeOfLabels is the cause of a difference in a sandbox's own labels: of those
// that the spec once set, the keys are remembered.
func causeOfLabels(d Diff, labels map[string]string) Cause {
	have, _ := d.Have.(map[string]string)
	want, _ := d.Want.(map[string]string)
	keys := slices.Collect(managedLabelKeys(labels))
	var cause Cause
	for k, w := range want {
		h, there := have[k]
		switch set := slices.Contains(keys, k); {
		case there && h == w:
		case !set && !there:
			cause = cause.Combine(SpecChanged)
		case set && !there:
			cause = cause.Combine(ChangedRemotely)
		default: // one that others had set, or one whose last value nobody knows
			cause = cause.Combine(Differs)
		}
	}
	for k := range have {
		if _, wanted := want[k]; !wanted {
			cause = cause.Combine(SpecChanged)
		}
	}
	return cause
}
