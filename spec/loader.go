package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// A located is a value and the place in a spec where it stands.
type located struct {
	value any
	pos   Position
	d     *decoder // of the file it stands in
}

// A block is what a spec says of one resource, before defaults.
type block map[*Attribute]located

// A declared is a named block of a section.
type declared struct {
	Address
	block block
	pos   Position
	d     *decoder
}

// A loader puts a fleet together from the parts in several files.
type loader struct {
	mistakes *Mistakes
	name     located
	version  located
	target   located
	defaults map[Kind]block
	images   map[string]definition
	declared []declared
	first    map[Address]Position
	owns     map[Kind][]string
	last     *decoder
	broken   bool // a file could not be read: what is missing may be there
	identity
}

func newLoader(mistakes *Mistakes) *loader {
	return &loader{
		mistakes: mistakes,
		defaults: map[Kind]block{},
		images:   map[string]definition{},
		first:    map[Address]Position{},
		owns:     map[Kind][]string{},
	}
}

var (
	topKeys  = []string{"version", "name", "target", "defaults", "volumes", "images", "snapshots", "sandboxes", "owns", "removed", "moved"}
	sections = map[string]Kind{"volumes": VolumeKind, "images": ImageKind, "snapshots": SnapshotKind, "sandboxes": SandboxKind}
)

// file takes in one file.
func (l *loader) file(d *decoder, root *yaml.Node) {
	entries, ok := d.entries(root, "")
	if !ok && len(entries) == 0 {
		return
	}
	l.last = d
	for _, e := range entries {
		switch {
		case e.name == "version":
			l.once(d, e, &l.version, d.version)
		case e.name == "name":
			l.once(d, e, &l.name, d.fleetName)
		case e.name == "target":
			l.once(d, e, &l.target, d.target)
		case e.name == "defaults":
			l.readDefaults(d, e)
		case e.name == "owns":
			l.readOwns(d, e)
		case e.name == "removed":
			l.readRemoved(d, e)
		case e.name == "moved":
			l.readMoved(d, e)
		case sections[e.name] != "":
			l.section(d, e, sections[e.name])
		default:
			hint := DidYouMean(e.name, topKeys)
			if hint == "" {
				d.hide(e.value)
			}
			d.mistake(e.key, e.name, "unknown key; a spec has %s", strings.Join(topKeys, ", ")).Hint = hint
		}
	}
}

// once reads a value that a fleet has one of; files may agree on it.
func (l *loader) once(d *decoder, e entry, into *located, read func(*yaml.Node) (any, bool)) {
	v, ok := read(e.value)
	if !ok {
		into.pos = d.at(e.value)
		return
	}
	if into.value != nil && into.value != v {
		d.mistake(e.value, e.name, "%v contradicts %v at %s", v, into.value, into.pos)
	}
	*into = located{v, d.at(e.value), d}
}

func (d *decoder) version(n *yaml.Node) (any, bool) {
	n = resolve(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Value != "1" {
		d.mistake(n, "version", "expected 1, the version of the spec language that this fleet reads, got %s", describe(n))
		return nil, false
	}
	return 1, true
}

func (d *decoder) target(n *yaml.Node) (any, bool) {
	s, ok := d.text(n, "target")
	if wrong := notEmpty(s); ok && wrong != "" {
		d.mistake(n, "target", "%s", wrong)
		return nil, false
	}
	return s, ok
}

func (d *decoder) fleetName(n *yaml.Node) (any, bool) {
	s, ok := d.text(n, "name")
	if ok && !fleetForm.MatchString(s) {
		d.mistake(n, "name", "%q is not a fleet name; write lower-case letters, digits and . _ - inside, at most 63 characters", s)
		return nil, false
	}
	return s, ok
}

// section reads the resources of one kind.
func (l *loader) section(d *decoder, e entry, kind Kind) {
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := kind.Section() + "." + e.name
		address := Address{kind, e.name}
		if !keyForm.MatchString(e.name) {
			d.mistake(e.key, at, "%q is not a key; write letters, digits and . _ - inside, at most 63 characters", e.name)
		}
		if before, twice := l.first[address]; twice {
			d.mistake(e.key, at, "%s is declared twice; the first is at %s", address, before)
			continue
		}
		l.first[address] = d.at(e.key)
		if kind == ImageKind {
			l.images[e.name] = d.image(e, at)
			continue
		}
		l.declared = append(l.declared, declared{address, d.block(e.value, Tables[kind], at), d.at(e.key), d})
	}
}

// readDefaults reads what is said of all resources of a kind.
func (l *loader) readDefaults(d *decoder, e entry) {
	entries, _ := d.entries(e.value, e.name)
	allowed := []string{"sandboxes", "snapshots", "volumes"}
	for _, e := range entries {
		at := "defaults." + e.name
		kind, ok := sections[e.name]
		if !ok || kind == ImageKind {
			d.mistake(e.key, at, "unknown key; defaults has %s", strings.Join(allowed, ", ")).Hint = DidYouMean(e.name, allowed)
			continue
		}
		if l.defaults[kind] != nil {
			d.mistake(e.key, at, "defaults of %s are given twice", e.name)
		}
		l.defaults[kind] = d.block(e.value, Tables[kind], at)
		for a, v := range l.defaults[kind] {
			if a.Own {
				d.mistakeAt(v.pos, join(at, a.Key), "%s is said of each resource by itself, not in defaults", a.Key)
				delete(l.defaults[kind], a)
			}
		}
	}
}

// readOwns reads the name patterns of what the fleet may delete.
func (l *loader) readOwns(d *decoder, e entry) {
	entries, _ := d.entries(e.value, e.name)
	allowed := []string{"snapshots", "volumes"}
	for _, e := range entries {
		at := "owns." + e.name
		if !slices.Contains(allowed, e.name) {
			m := d.mistake(e.key, at, "unknown key; owns has %s", strings.Join(allowed, ", "))
			if m.Hint = DidYouMean(e.name, allowed); e.name == "sandboxes" {
				m.Hint = "sandboxes are owned by their labels"
			}
			continue
		}
		items, _ := d.sequence(e.value, at)
		for i, item := range items {
			s, ok := d.text(item, fmt.Sprintf("%s[%d]", at, i))
			if wrong := patternProblem(s); ok && wrong != "" {
				d.mistake(item, fmt.Sprintf("%s[%d]", at, i), "%s", wrong)
				continue
			}
			l.owns[sections[e.name]] = append(l.owns[sections[e.name]], s)
		}
	}
}

// patternProblem says what is wrong with a name pattern. One that begins with
// a wildcard would own what nobody thought of.
func patternProblem(s string) string {
	const literal = 2
	switch wild := strings.IndexAny(s, `*?[\`); {
	case s == "":
		return "must not be empty"
	case wild >= 0 && wild < literal:
		return fmt.Sprintf("%q could own names that nobody thought of; begin with at least %d plain characters, as in base-*", s, literal)
	}
	if _, err := path.Match(s, ""); err != nil {
		return fmt.Sprintf("%q is not a pattern; write one such as base-*", s)
	}
	return ""
}
