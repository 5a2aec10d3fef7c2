package plan

import (
	"fmt"
	"strconv"
	"strings"

	"fleet/spec"
)

// A Selector matches resources by address or by label. It is written as
//
//	sandbox.web           one resource
//	sandbox.worker        all copies of a group
//	sandbox.worker[2..9]  a range of them, as plans print it
//	sandbox.web*          * stands for any text, ? for any character
//	team=a,stage!=prod    sandboxes with these labels; see [ParseLabelRequirements]
type Selector struct {
	text     string            // as it was parsed
	labels   LabelRequirements // of a selector by label, else nil
	isGlob   bool              // text is a pattern
	base     string            // address of the group of a range, else empty
	from, to int               // first and last index of a range
}

// ParseSelector parses a selector.
func ParseSelector(text string) (Selector, error) {
	s := Selector{text: text}
	address, index, _ := strings.Cut(text, "[")
	if strings.Contains(address, "=") {
		labels, err := ParseLabelRequirements(text)
		s.labels = labels
		return s, err
	}
	s.isGlob = strings.ContainsAny(text, "*?")
	if kind, _, ok := strings.Cut(address, "."); !s.isGlob || ok && !strings.ContainsAny(kind, "*?") {
		if _, err := spec.ParseAddress(text); err != nil {
			return s, err
		}
	}
	if first, last, isRange := strings.Cut(strings.TrimSuffix(index, "]"), ".."); isRange && !s.isGlob {
		from, err := strconv.Atoi(first)
		to, err2 := strconv.Atoi(last)
		if err != nil || err2 != nil || from < 0 || to < from || !strings.HasSuffix(index, "]") {
			return s, fmt.Errorf("%q is not a range: write sandbox.worker[2..9]", text)
		}
		s.base, s.from, s.to = address, from, to
	}
	return s, nil
}

// ParseLabelSelector parses a selector by label. Other than [ParseSelector], it accepts
// a condition that a label exists, such as tested.
func ParseLabelSelector(text string) (Selector, error) {
	labels, err := ParseLabelRequirements(text)
	return Selector{text: text, labels: labels}, err
}

// String returns the selector as it was parsed.
func (s Selector) String() string { return s.text }

// MarshalText returns the selector as it was parsed.
func (s Selector) MarshalText() ([]byte, error) { return []byte(s.text), nil }

// UnmarshalText sets s to the parsed selector.
func (s *Selector) UnmarshalText(b []byte) (err error) {
	if *s, err = ParseSelector(string(b)); err == nil {
		return nil
	}
	byLabel, labelErr := ParseLabelSelector(string(b))
	if labelErr == nil {
		*s = byLabel
		return nil
	}
	return err
}

// IsAddress reports whether the selector is the address of a resource or a group, and
// not a pattern, a range or a condition on labels.
func (s Selector) IsAddress() bool { return s.isExact() }

// IsByLabel reports whether the selector matches by labels, and not by address.
func (s Selector) IsByLabel() bool { return s.labels != nil }

// Matches reports whether the selector matches a resource: by its address or the address
// of its group, or a sandbox by its labels.
func (s Selector) Matches(a spec.Address, labels map[string]string) bool {
	if s.isExact() {
		return s.text == a.String() || s.text == a.GroupAddress().String()
	}
	return s.matchesAddress(a, func() map[string]string { return labels })
}

// isExact reports whether the selector is the address of a resource or a group.
func (s Selector) isExact() bool { return s.labels == nil && !s.isGlob && s.base == "" }

// matches reports whether a selector that is not exact matches a step. labels returns
// the labels of the step's sandbox.
func (s Selector) matches(step *Step, labels func() map[string]string) bool {
	return s.matchesAddress(step.Address, labels)
}

// matchesAddress is matches for the resource with an address.
func (s Selector) matchesAddress(a spec.Address, labels func() map[string]string) bool {
	switch {
	case s.labels != nil:
		return a.Kind == spec.SandboxKind && s.labels.Matches(labels())
	case s.base != "":
		i, err := strconv.Atoi(a.Index())
		return err == nil && a.GroupAddress().String() == s.base && s.from <= i && i <= s.to
	}
	return matchGlob(s.text, a.String())
}

// matchGlob reports whether text matches a pattern, in which * stands for any text and
// ? for any byte. Brackets stand for themselves, unlike in path.Match: addresses
// contain them.
func matchGlob(pattern, text string) bool {
	star, again := -1, 0 // positions to continue from if the last * stands for one byte more
	p := 0
	for t := 0; t < len(text); {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, again = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			again++
			p, t = star+1, again
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
