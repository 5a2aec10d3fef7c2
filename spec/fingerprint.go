package spec

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
)

// Fingerprint returns a digest of the whole spec, including secret values. Specs with
// the same meaning have the same fingerprint, regardless of how they are written.
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
	for _, kind := range ObjectKinds { // images have no timeouts
		if r := f.defaultTimeouts[kind]; r != nil {
			put(r.specValues())
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

// specValues returns the resource's address and attributes in the order of the table.
func (r *Resource) specValues() []any {
	values := []any{r.Address}
	for _, a := range Tables[r.Kind] {
		if v, ok := r.attrs.lookup(a); ok {
			values = append(values, a.Key, v)
		}
	}
	return values
}

// ResourceFingerprints returns a digest for each address, of the resource that f declares
// there together with the resources that it depends on; "" if f declares none. The
// digests are shortened like those of secret values, since they include some.
func (f *Fleet) ResourceFingerprints(addresses []Address) map[Address]string {
	digests := make(map[Address]string, len(addresses))
	if len(addresses) == 0 {
		return digests
	}
	declared := make(map[Address]*Resource, len(f.Resources))
	for _, r := range f.Resources {
		declared[r.Address] = r
	}
	for _, a := range addresses {
		r := declared[a]
		if r == nil {
			digests[a] = ""
			continue
		}
		h := sha256.New()
		h.Write(canonical(r.specValues()))
		for _, needed := range r.DependsOn {
			if d := declared[needed]; d != nil {
				h.Write(canonical(d.specValues()))
			}
		}
		digests[a] = hex.EncodeToString(h.Sum(nil))[:secretDigestLength]
	}
	return digests
}

// ChangedAddresses returns the addresses that f declares, moves, removes or releases
// differently from before, and those that only before declares. A key without an index
// stands for all copies of a group. If the fleet's name has changed, all addresses
// have. Resources that depend on variables that are not set count as changed.
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
	for _, r := range before.Resources { // pruned snapshots and volumes are addressed by name
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

// secretDigestLength is the number of hexadecimal digits of a secret value's digest.
// It misses one change in 65,536, and is too short to confirm a guessed value.
const secretDigestLength = 4

// Digest returns a digest of the object's value of the attribute with the key; empty if
// the value is not known. Digests of secret values are shortened.
func (r *Resource) Digest(have Object, key string) string {
	a := Tables[r.Kind].find(key)
	if a == nil {
		return ""
	}
	var v any
	switch {
	case a.Label != "":
		v = have.Labels[a.Label]
	case a.MergesKeys:
		v = map[string]string{}
		if have.Labels != nil {
			v = have.Labels
		}
	default:
		v = have.Attrs.value(a)
	}
	if v == nil {
		return ""
	}
	sum := sha256.Sum256(canonical(v))
	text := hex.EncodeToString(sum[:])
	if a.Secret || r.sensitive[a] {
		return text[:secretDigestLength]
	}
	return text[:2*digestBytes]
}

// digestBytes is the number of bytes with which digests are unique in practice.
const digestBytes = 8

// RedactSensitive replaces the fleet's sensitive values in a text by placeholders. It
// does not replace the values of secret attributes: see [Resource.Redact].
func (f *Fleet) RedactSensitive(text string) string {
	return f.sensitiveRedactor.get(f.Sensitive).Text(text)
}
