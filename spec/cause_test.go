package spec

import (
	"maps"
	"testing"

	"pgregory.net/rapid"
)

// TestCause changes the object's value, the spec's value, or both, of each fingerprinted
// attribute that single objects have.
func TestCause(t *testing.T) {
	for _, a := range sealedRows() {
		if a.Visibility == NeverShown {
			continue
		}
		t.Run(a.Key, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				value := someValue(a)
				was, there, wanted := value.Draw(t, "was"), value.Draw(t, "there"), value.Draw(t, "wanted")
				applied := &Resource{Address: Address{SandboxKind, "web"}, attrs: attributes{{a, was}}}
				have := Object{Attrs: Attrs{set: attributes{{a, there}}}, Labels: applied.Labels("demo", nil), FullyRead: true}
				r := &Resource{Address: applied.Address, attrs: attributes{{a, wanted}}}
				diffs := r.Diff(have, Facts{})
				same := func(x, y any) bool { return digest(x)[:3] == digest(y)[:3] }
				want := BothChanged
				switch {
				case len(diffs) == 0:
					return
				case same(wanted, was):
					want = ChangedRemotely
				case same(there, was):
					want = SpecChanged
				}
				if diffs[0].Cause != want {
					t.Fatalf("%v was applied, %v is there, %v is wanted: %s, want %s", was, there, wanted, diffs[0].Cause, want)
				}
			})
		})
	}
}

func TestCauseWithoutMemory(t *testing.T) {
	applied := &Resource{Address: Address{SandboxKind, "web"}, attrs: attributes{{blockAllRow, true}, {publicRow, false}}}
	labels := applied.Labels("demo", nil)
	without := func(keys ...string) map[string]string {
		rest := maps.Clone(labels)
		maps.DeleteFunc(rest, func(k, _ string) bool {
			for _, key := range keys {
				if k == key {
					return true
				}
			}
			return false
		})
		return rest
	}
	tests := []struct {
		name   string
		labels map[string]string
		want   Cause
	}{
		{"the seal tells", labels, ChangedRemotely},
		{"the labels are those of a sandbox that had nothing to seal", without(FingerprintLabel), SpecChanged},
		{"labels were lost", without(FingerprintLabel, NameDigestLabel), Differs},
		{"no fleet owns it", nil, Differs},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			diffs := applied.Diff(Object{Attrs: Attrs{set: attributes{{blockAllRow, false}, {publicRow, true}}}, Labels: test.labels, FullyRead: true}, Facts{})
			causes := map[*Attribute]Cause{}
			for _, d := range diffs {
				causes[d.Attr] = d.Cause
			}
			if causes[blockAllRow] != test.want || causes[publicRow] != Differs {
				t.Errorf("%v, want %s, and %s of what has no seal", causes, test.want, Differs)
			}
		})
	}
}

func TestCauseOfLabels(t *testing.T) {
	tests := []struct {
		name             string
		set, there, want map[string]string
		cause            Cause
	}{
		{"one was taken off", m("a", "1"), m(), m("a", "1"), ChangedRemotely},
		{"one is new in the spec", m(), m(), m("a", "1"), SpecChanged},
		{"one left the spec", m("a", "1", "b", "2"), m("a", "1", "b", "2"), m("b", "2"), SpecChanged},
		{"values are not remembered", m("a", "1"), m("a", "2"), m("a", "3"), Differs},
		{"others had set it", m(), m("a", "2"), m("a", "3"), Differs},
		{"one was taken off, another is new", m("a", "1"), m(), m("a", "1", "b", "2"), BothChanged},
		{"one is new, another differs", m("a", "1"), m("a", "2"), m("a", "1", "b", "2"), Differs},
		{"one was taken off, another differs", m("a", "1", "b", "1"), m("b", "2"), m("a", "1", "b", "1"), ChangedRemotely},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			applied := &Resource{Address: Address{SandboxKind, "web"}, attrs: attributes{{labelsRow, test.set}}}
			labels := applied.Labels("demo", nil)
			for k := range test.set {
				delete(labels, k)
			}
			maps.Copy(labels, test.there)
			r := &Resource{Address: applied.Address, attrs: attributes{{labelsRow, test.want}}}
			diffs := r.Diff(Object{Labels: labels}, Facts{})
			if len(diffs) != 1 || diffs[0].Cause != test.cause {
				t.Errorf("%v, want %s", diffs, test.cause)
			}
		})
	}
}

// m returns a map of alternating keys and values.
func m(pairs ...string) map[string]string {
	labels := map[string]string{}
	for i := 0; i < len(pairs); i += 2 {
		labels[pairs[i]] = pairs[i+1]
	}
	return labels
}
