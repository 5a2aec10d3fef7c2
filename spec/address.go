package spec

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// An Address identifies one resource of a fleet, such as sandbox.worker[3]. It is
// the same in specs, plans, logs, errors and flags. The zero Address identifies no
// resource.
type Address struct {
	Kind Kind   // kind of the resource
	Key  string // key in the spec, with the index of a copy in brackets
}

// String returns the form that users read and write: kind.key.
func (a Address) String() string { return string(a.Kind) + "." + a.Key }

// MarshalText returns the form of [Address.String], for JSON.
func (a Address) MarshalText() ([]byte, error) { return []byte(a.String()), nil }

// UnmarshalText is the reverse of MarshalText.
func (a *Address) UnmarshalText(b []byte) (err error) {
	*a, err = ParseAddress(string(b))
	return err
}

// ParseAddress parses the form that [Address.String] returns.
func ParseAddress(s string) (Address, error) {
	kind, key, ok := strings.Cut(s, ".")
	if !ok || key == "" {
		return Address{}, fmt.Errorf("%q is not an address: write kind.key, such as sandbox.web", s)
	}
	if k := Kind(kind); slices.Contains(kinds, k) {
		return Address{k, key}, nil
	}
	return Address{}, fmt.Errorf("%q is not an address: the kind is %s or %s, not %q", s, strings.Join(KindNames(), ", "), ImageKind, kind)
}

// CompareKeys compares keys in natural order, in which a run of digits counts as a
// number: worker[2] sorts before worker[10], and agent[eu-9] before agent[eu-10]. The
// end of an index sorts first. It returns 0 only for equal keys.
func CompareKeys(a, b string) int {
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		if !isDigit(a[i]) || !isDigit(b[j]) {
			if a[i] != b[j] {
				return cmp.Or(compareBool(b[j] == ']', a[i] == ']'), cmp.Compare(a[i], b[j]))
			}
			i, j = i+1, j+1
			continue
		}
		m, n := digits(a[i:]), digits(b[j:])
		if c := compareNumbers(a[i:i+m], b[j:j+n]); c != 0 {
			return c
		}
		i, j = i+m, j+n
	}
	return cmp.Or(cmp.Compare(len(a)-i, len(b)-j), strings.Compare(a, b))
}

// compareBool sorts false before true.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// digits returns the number of digits at the start of s.
func digits(s string) int {
	n := 0
	for n < len(s) && isDigit(s[n]) {
		n++
	}
	return n
}

// compareNumbers compares two runs of digits by their values.
func compareNumbers(a, b string) int {
	a, b = strings.TrimLeft(a, "0"), strings.TrimLeft(b, "0")
	return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b))
}

// keyPattern matches the keys of resources. They have no brackets, which enclose
// the index of a copy, and no blanks or quotes, which need quoting in a shell.
var keyPattern = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)

// fleetNamePattern matches the names of fleets. The name is the value of a label by
// which lists are filtered.
var fleetNamePattern = regexp.MustCompile(`^[a-z0-9]([a-z0-9._-]{0,61}[a-z0-9])?$`)

// isKey reports whether keyPattern matches s.
func isKey(s string) bool {
	for i := range len(s) {
		switch c := s[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case i == 0 || c != '.' && c != '_' && c != '-':
			return false
		}
	}
	return s != "" && len(s) <= labelLength
}
