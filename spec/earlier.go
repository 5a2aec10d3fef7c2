package spec

import "fleet/internal/decode"

// load builds a fleet from the sources that take adds. It also reads them by each
// earlier rule that differs.
func (l *loader) load(take func(*loader) error) (*Fleet, error) {
	if err := take(l); err != nil {
		return nil, err
	}
	f, err := l.finish()
	if err != nil {
		return nil, err
	}
	for i, differs := range l.Differing {
		if !differs {
			continue
		}
		if earlier, err := l.reload(decode.EarlierRules[i], take); err == nil {
			f.addEarlier(earlier)
		}
	}
	return f, nil
}

// reload reads the same spec by another rule. No file is read and no command is run
// twice.
func (l *loader) reload(rule decode.TextRule, take func(*loader) error) (*Fleet, error) {
	o := l.options
	o.OnFind, o.OnOpen, o.OnList = nil, nil, nil
	other := newLoaderBy(o, rule, l.cache)
	if err := take(other); err != nil {
		return nil, err
	}
	return other.finish()
}

// addEarlier records the fleet as an earlier version of fleet read it.
func (f *Fleet) addEarlier(earlier *Fleet) {
	f.earlier = append(f.earlier, earlier)
	f.secrets = append(f.secrets, earlier.secrets...)
	was := map[Address]*Resource{}
	for _, r := range earlier.Resources {
		was[r.Address] = r
	}
	for _, r := range f.Resources {
		r.fleetSecrets = f.secrets
		if e := was[r.Address]; e != nil && digest(e.specValues()) != digest(r.specValues()) {
			r.earlier = append(r.earlier, e)
		}
	}
}

// HasFingerprint reports whether fingerprint is that of the fleet, or of the fleet as
// an earlier version of fleet read the same files.
func (f *Fleet) HasFingerprint(fingerprint string) bool {
	if f.Fingerprint() == fingerprint {
		return true
	}
	for _, e := range f.earlier {
		if e.Fingerprint() == fingerprint {
			return true
		}
	}
	return false
}

// managedAs returns the attribute as an earlier version of fleet managed it, or nil if
// it did not.
func (r *Resource) managedAs(a *Attribute) *managedAttribute {
	list := r.managed()
	for i := range list {
		if list[i].Attribute == a {
			return &list[i]
		}
	}
	return nil
}

// matchesFingerprint reports whether the digest of an attribute in fp is that of its
// wanted value, or of that value as an earlier version of fleet read it.
func (r *Resource) matchesFingerprint(fp fingerprint, m *managedAttribute) bool {
	if fp.matches(m) {
		return true
	}
	for _, e := range r.earlier {
		if was := e.managedAs(m.Attribute); was != nil && fp.matches(was) {
			return true
		}
	}
	return false
}

// matchesEarlier reports whether the object has the value of the attribute that an
// earlier version of fleet read.
func (c *comparison) matchesEarlier(r *Resource, a *Attribute, part func(any) any) bool {
	for _, e := range r.earlier {
		if was := e.managedAs(a); was != nil {
			if _, differs := c.compare(was, was.want(e), part); !differs {
				return true
			}
		}
	}
	return false
}
