package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Fingerprint stands for all that the fleet wants, secret values included: two
// specs that mean the same have the same one, however they are written. It
// cannot be turned back.
func (f *Fleet) Fingerprint() string {
	h := sha256.New()
	put := func(v any) { h.Write(append(canonical(v), '\n')) }
	put([]any{f.Name, f.FormerNames, f.Removed, f.Released, f.Owns})
	for _, m := range f.Moved {
		put([]Address{m.From, m.To})
	}
	for _, r := range f.Resources {
		put(r.specValues())
	}
	put([]any{f.Hooks, f.Parallelism})
	for _, kind := range kinds {
		if r := f.defaultTimeouts[kind]; r != nil {
			put(r.specValues())
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// specValues is all that the spec says of the resource, in an order that does not
// depend on how it is written.
func (r *Resource) specValues() []any {
	values := []any{r.Address}
	for _, a := range Tables[r.Kind] {
		if v, ok := r.attrs[a]; ok {
			values = append(values, a.Key, v)
		}
	}
	return values
}

// ChangedAddresses lists the addresses that f declares, moves, removes or lets go in
// another way than before, and those that only before declares. A key without
// an index stands for all copies of a group. All are changed when the fleet got
// another name. What depends on values that are not set counts as changed.
func (f *Fleet) ChangedAddresses(before *Fleet) []Address {
	changed := map[Address]bool{}
	was := map[Address]string{}
	for _, r := range before.Resources {
		was[r.Address] = digest(r.specValues())
	}
	for _, r := range f.Resources {
		if was[r.Address] != digest(r.specValues()) || f.Name != before.Name || len(r.unset) > 0 {
			changed[r.Address] = true
		}
		delete(was, r.Address)
	}
	for a := range was {
		changed[a] = true
	}
	for _, r := range before.Resources { // what is pruned goes by its name
		if _, gone := was[r.Address]; gone && r.Kind != SandboxKind {
			changed[Address{r.Kind, r.Name()}] = true
		}
	}
	for _, lists := range [][2][]Address{{f.Removed, before.Removed}, {f.Released, before.Released}} {
		for _, a := range lists[0] {
			if !slices.Contains(lists[1], a) {
				changed[a] = true
			}
		}
	}
	return slices.SortedFunc(maps.Keys(changed), compareAddresses)
}

func compareAddresses(a, b Address) int {
	if a.Kind != b.Kind {
		return slices.Index(kinds, a.Kind) - slices.Index(kinds, b.Kind)
	}
	return CompareKeys(a.Key, b.Key)
}

// secretDigestLength is how much of the digest of a secret value is told: a
// change shows in all cases but one of 65,536, and a value cannot be guessed by
// it.
const secretDigestLength = 4

// Digest is a digest of what the object has for the attribute of a key; empty
// when that is not known. Of secret values it is too short to guess them by.
func (r *Resource) Digest(have Object, key string) string {
	a := Tables[r.Kind].find(key)
	if a == nil {
		return ""
	}
	var v any
	switch {
	case a.Label != "":
		v = have.Labels[a.Label]
	case have.Attrs.attributes[a] == nil:
		return ""
	default:
		v = have.Attrs.attributes[a]
	}
	sum := sha256.Sum256(canonical(v))
	text := hex.EncodeToString(sum[:])
	if a.Secret || r.sensitive[a] {
		return text[:secretDigestLength]
	}
	return text[:2*digestBytes]
}

// digestBytes is the number of bytes that tell values apart for sure.
const digestBytes = 8

// RedactSensitive takes the fleet's sensitive values out of a text. Those of attributes
// that are secret by themselves are not looked for: see [Resource.Redact].
func (f *Fleet) RedactSensitive(text string) string {
	return f.sensitiveRedactor.get(f.Sensitive).Text(text)
}
