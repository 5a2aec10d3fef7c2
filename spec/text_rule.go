package spec

import "bytes"

// A textRule turns what a file or a command yields into a text of the spec.
type textRule struct {
	file    func([]byte) []byte
	command func([]byte) []byte
	source  func([]byte) []byte // of YAML itself
}

// currentRule makes a text the same on every machine: without a byte order
// mark and, in files, with lines that end in LF, however they were checked out.
var currentRule = textRule{
	file:    func(text []byte) []byte { return withLF(trimBOM(text)) },
	command: trimBOM,
	source:  unchanged,
}

// earlierRules are how earlier versions of fleet read the same files: as they
// are here, and as another checkout or editor may have them. Objects that were made with
// such a text count as made with the current one.
var earlierRules = [...]textRule{
	{file: unchanged, command: unchanged, source: unchanged},
	{file: withLF, command: unchanged, source: unchanged},
	{file: withCRLF, command: unchanged, source: unchanged},
	finalNewlineRule: {file: currentRule.file, command: currentRule.command, source: toggleFinalNewline},
}

// finalNewlineRule is the reading of YAML that ends in the middle of a text as if
// its last line break was there, or was not: a file that is cut off by one byte
// replaces nothing.
const finalNewlineRule = 3

func unchanged(text []byte) []byte { return text }

func withCRLF(text []byte) []byte {
	return bytes.ReplaceAll(withLF(text), []byte("\n"), []byte("\r\n"))
}

func withLF(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// fileText is the text of a file by the loader's rule. It notes which earlier
// rules made another text of it.
func (l *loader) fileText(file []byte) (string, error) {
	return l.textBy(file, func(r textRule) func([]byte) []byte { return r.file })
}

// commandText is fileText for what a command prints.
func (l *loader) commandText(output []byte) (string, error) {
	return l.textBy(output, func(r textRule) func([]byte) []byte { return r.command })
}

func (l *loader) textBy(raw []byte, of func(textRule) func([]byte) []byte) (string, error) {
	text, err := singleText(of(l.rule)(raw))
	if err != nil {
		return "", err
	}
	for i, rule := range earlierRules {
		if other, err := singleText(of(rule)(raw)); err == nil && other != text {
			l.differing[i] = true
		}
	}
	return text, nil
}

// load makes a fleet of what take reads, and notes how earlier versions would
// have read it.
func (l *loader) load(take func(*loader) error) (*Fleet, error) {
	if err := take(l); err != nil {
		return nil, err
	}
	f, err := l.finish()
	if err != nil {
		return nil, err
	}
	for i, differs := range l.differing {
		if !differs {
			continue
		}
		if earlier, err := l.reload(earlierRules[i], take); err == nil {
			f.addEarlier(earlier)
		}
	}
	return f, nil
}

// reload reads the same spec by another rule. Nothing is read or run twice.
func (l *loader) reload(rule textRule, take func(*loader) error) (*Fleet, error) {
	o := l.options
	o.OnOpen, o.OnList = nil, nil
	other := newLoader(o)
	other.rule, other.rawContents = rule, l.rawContents
	if err := take(other); err != nil {
		return nil, err
	}
	return other.finish()
}

// addEarlier notes the fleet as an earlier version read it.
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

// HasFingerprint reports whether a fingerprint is that of the fleet, or of the
// fleet as an earlier version of fleet read the same files.
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

// managedAs is the attribute as an earlier version of fleet managed it.
func (r *Resource) managedAs(a *Attribute) *managedAttribute {
	list := r.managed()
	for i := range list {
		if list[i].Attribute == a {
			return &list[i]
		}
	}
	return nil
}

// matchesFingerprint reports whether the digest under the letter of an attribute is that
// of its wanted value, or of that value as an earlier version of fleet read it.
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

// matchesEarlier reports whether the object has the attribute as an earlier
// version of fleet read it.
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
