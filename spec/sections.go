package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"fleet/internal/decode"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// section reads the resources of one kind.
func (l *loader) section(p part, e decode.Entry, kind Kind) {
	p.d.EachEntry(e.Value, e.Name, func(e decode.Entry) bool { return l.declare(p, e, kind).hasNodes() })
}

// declare reads the block of one resource and returns it. It returns nil if the key is
// declared already.
func (l *loader) declare(p part, e decode.Entry, kind Kind) block {
	d := p.d
	at := kind.Section() + "." + e.Name
	address := Address{kind, e.Name}
	if !isKey(e.Name) {
		d.Errorf(e.Key, at, "%q is not a key; write letters, digits and . _ - inside, at most 63 characters", e.Name)
	}
	before := l.byAddress[address]
	if before != nil && p.environment == "" {
		d.Errorf(e.Key, at, "%s is declared twice; the first is at %s", address, before.pos)
		return nil
	}
	d.layer = p.layer("")
	errors := d.ErrorCount()
	b := d.block(e.Value, Tables[kind], at)
	d.checkExclusive(kind, b, d.Position(e.Key), at)
	d.layer = ""
	if before != nil {
		before.replaceContent(b)
		before.layers = append(before.layers, b)
		before.flawed = before.flawed || d.ErrorCount() > errors
		return b
	}
	if p.environment != "" {
		l.warnNewInEnvironment(p, e, address)
	}
	dc := &blockDecl{Address: address, layers: []block{b}, pos: d.Position(e.Key), decoder: d, flawed: d.ErrorCount() > errors}
	l.byAddress[address] = dc
	l.declared = append(l.declared, dc)
	return b
}

// readDefaults reads the default attributes of each kind.
func (l *loader) readDefaults(p part, e decode.Entry) {
	d := p.d
	entries, _ := d.Entries(e.Value, e.Name)
	for _, e := range entries {
		at := "defaults." + e.Name
		kind := d.blockSection(e, at)
		if kind == "" {
			continue
		}
		if l.defaults[kind] != nil && p.environment == "" {
			d.Errorf(e.Key, at, "defaults of %s are given twice", e.Name)
		}
		b := d.block(e.Value, Tables[kind], at)
		d.checkExclusive(kind, b, d.Position(e.Key), at)
		for a, v := range b {
			if a.PerResource {
				d.ErrorfAt(v.pos, yamldoc.Join(at, a.Key), "%s must be set on each resource, not in defaults", a.Key)
				delete(b, a)
			}
		}
		l.defaults[kind] = b.overlay(l.defaults[kind])
	}
}

// blockSection returns the kind of a key of defaults or templates, or "" after
// reporting an error.
func (d *decoder) blockSection(e decode.Entry, at string) Kind {
	if !slices.Contains(blockSections, e.Name) {
		within, _, _ := strings.Cut(at, ".")
		d.Errorf(e.Key, at, "unknown key; %s has %s", within, strings.Join(blockSections, ", ")).Hint = suggest.DidYouMean(e.Name, blockSections)
		return ""
	}
	return sections[e.Name]
}

// readTemplates reads the templates, by kind and name.
func (l *loader) readTemplates(p part, e decode.Entry) {
	d := p.d
	kinds, _ := d.Entries(e.Value, e.Name)
	for _, k := range kinds {
		kind := d.blockSection(k, "templates."+k.Name)
		if kind == "" {
			continue
		}
		entries, _ := d.Entries(k.Value, "templates."+k.Name)
		for _, e := range entries {
			at := "templates." + k.Name + "." + e.Name
			address := Address{kind, e.Name}
			if !isKey(e.Name) {
				d.Errorf(e.Key, at, "%q is not a key; write letters, digits and . _ - inside, at most 63 characters", e.Name)
			}
			before := l.templates[address]
			if before != nil && p.environment == "" {
				d.Errorf(e.Key, at, "the template is declared twice; the first is at %s", before.pos)
				continue
			}
			d.layer = p.layer("template " + e.Name)
			errors := d.ErrorCount()
			b := d.block(e.Value, Tables[kind], at)
			d.checkExclusive(kind, b, d.Position(e.Key), at)
			if before != nil {
				before.layers = append(before.layers, b)
				continue
			}
			l.templates[address] = &blockDecl{Address: address, layers: []block{b}, pos: d.Position(e.Key), decoder: d, flawed: d.ErrorCount() > errors}
		}
	}
}

// readOwns reads the name patterns of objects that the fleet may delete.
func (l *loader) readOwns(p part, e decode.Entry) {
	d := p.d
	entries, _ := d.Entries(e.Value, e.Name)
	allowed := names(ownsKeys)
	for _, e := range entries {
		at := "owns." + e.Name
		if !slices.Contains(allowed, e.Name) {
			m := d.Errorf(e.Key, at, "unknown key; owns has %s", strings.Join(allowed, ", "))
			if m.Hint = suggest.DidYouMean(e.Name, allowed); e.Name == "sandboxes" {
				m.Hint = "sandboxes are owned by their labels"
			}
			continue
		}
		items, _ := d.Sequence(e.Value, at)
		for i, item := range items {
			s, ok := d.Text(item, fmt.Sprintf("%s[%d]", at, i))
			if wrong := patternProblem(s); ok && wrong != "" {
				d.Errorf(item, fmt.Sprintf("%s[%d]", at, i), "%s", wrong)
				continue
			}
			l.owns[sections[e.Name]] = append(l.owns[sections[e.Name]], s)
		}
	}
}

// patternProblem returns what is wrong with a name pattern, or "". A pattern that
// starts with a wildcard would match unrelated objects.
func patternProblem(s string) string {
	const literal = 2
	switch wild := strings.IndexAny(s, `*?[\`); {
	case s == "":
		return "must not be empty"
	case wild >= 0 && wild < literal:
		return fmt.Sprintf("%q could match unrelated names; start with at least %d plain characters, as in base-*", s, literal)
	}
	if _, err := path.Match(s, ""); err != nil {
		return fmt.Sprintf("%q is not a pattern; write one such as base-*", s)
	}
	return ""
}
