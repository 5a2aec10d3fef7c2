package spec

import "slices"

// A Cause is the reason for a difference, found by a three-way comparison of the
// spec's value, the object's value and the one last applied. The fingerprint shows
// the last applied value, and for labels the keys that fleet stores. For other
// attributes it is not known.
type Cause string

// The causes of a difference.
const (
	ChangedRemotely Cause = "changed by someone" // the spec has the last applied value, the object another one
	SpecChanged     Cause = "spec changed"       // the object has the last applied value, the spec another one
	BothChanged     Cause = "both"               // all three values differ
	Differs         Cause = "differs"            // the last applied value is not known
)

// Combine returns the cause of two differences of one object. An unknown cause may
// be a change by another client, so together with a change of the spec it remains
// unknown.
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

// cause returns the cause of a difference. fp is the object's fingerprint, and
// matchesWanted means that its digest is that of the spec's value.
func cause(m *managedAttribute, d Diff, have Object, fp fingerprint, matchesWanted bool) Cause {
	switch {
	case m.MergesKeys:
		return causeOfLabels(d, have.Labels)
	case m.FingerprintLetter == 0 || have.Labels[FleetLabel] == "":
		return Differs
	}
	last := fp.digestOf(m.FingerprintLetter)
	switch {
	case last == "" && have.Labels[NameDigestLabel] == "" && fp.text == "": // the fingerprint is lost, too
		return Differs
	case last == "", d.Unknown: // the attribute was not managed, or only the fingerprint is known, and differs
		return SpecChanged
	case matchesWanted:
		return ChangedRemotely
	case digest(d.Have)[:len(last)] == last:
		return SpecChanged
	}
	return BothChanged
}

// causeOfLabels returns the cause of a difference in the user's labels. A label of
// the sandbox lists the keys that the spec set, without values.
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
		default: // another client set it first, or the last applied value is not known
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
