package spec

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// section reads the resources of one kind.
func (l *loader) section(p part, e entry, kind Kind) {
	d := p.d
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := kind.Section() + "." + e.name
		address := Address{kind, e.name}
		if !keyPattern.MatchString(e.name) {
			d.errorf(e.key, at, "%q is not a key; write letters, digits and . _ - inside, at most 63 characters", e.name)
		}
		before := l.byAddress[address]
		if before != nil && p.environment == "" {
			d.errorf(e.key, at, "%s is declared twice; the first is at %s", address, before.pos)
			continue
		}
		if kind == ImageKind {
			l.byAddress[address] = &blockDecl{Address: address, pos: d.position(e.key), decoder: d}
			var def imageDefinition
			def.missing = d.withDeferral(true, func() { def = d.image(e, at) })
			l.images[e.name] = def
			continue
		}
		d.layer = p.layer("")
		b := d.block(e.value, Tables[kind], at)
		d.layer = ""
		if before != nil {
			before.layers = append(before.layers, b)
			continue
		}
		if p.environment != "" {
			l.warnNewInEnvironment(p, e, address)
		}
		dc := &blockDecl{Address: address, layers: []block{b}, pos: d.position(e.key), decoder: d}
		l.byAddress[address] = dc
		l.declared = append(l.declared, dc)
	}
}

// readDefaults reads the default attributes of each kind.
func (l *loader) readDefaults(p part, e entry) {
	d := p.d
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := "defaults." + e.name
		kind := d.blockSection(e, at)
		if kind == "" {
			continue
		}
		if l.defaults[kind] != nil && p.environment == "" {
			d.errorf(e.key, at, "defaults of %s are given twice", e.name)
		}
		b := d.block(e.value, Tables[kind], at)
		for a, v := range b {
			if a.PerResource {
				d.errorfAt(v.pos, join(at, a.Key), "%s must be set on each resource, not in defaults", a.Key)
				delete(b, a)
			}
		}
		l.defaults[kind] = b.overlay(l.defaults[kind])
	}
}

// blockSection returns the kind of a key of defaults or templates, or "" after
// reporting an error.
func (d *decoder) blockSection(e entry, at string) Kind {
	if !slices.Contains(blockSections, e.name) {
		within, _, _ := strings.Cut(at, ".")
		d.errorf(e.key, at, "unknown key; %s has %s", within, strings.Join(blockSections, ", ")).Hint = DidYouMean(e.name, blockSections)
		return ""
	}
	return sections[e.name]
}

// readTemplates reads the templates, by kind and name.
func (l *loader) readTemplates(p part, e entry) {
	d := p.d
	kinds, _ := d.entries(e.value, e.name)
	for _, k := range kinds {
		kind := d.blockSection(k, "templates."+k.name)
		if kind == "" {
			continue
		}
		entries, _ := d.entries(k.value, "templates."+k.name)
		for _, e := range entries {
			at := "templates." + k.name + "." + e.name
			address := Address{kind, e.name}
			if !keyPattern.MatchString(e.name) {
				d.errorf(e.key, at, "%q is not a key; write letters, digits and . _ - inside, at most 63 characters", e.name)
			}
			before := l.templates[address]
			if before != nil && p.environment == "" {
				d.errorf(e.key, at, "the template is declared twice; the first is at %s", before.pos)
				continue
			}
			d.layer = p.layer("template " + e.name)
			b := d.block(e.value, Tables[kind], at)
			if before != nil {
				before.layers = append(before.layers, b)
				continue
			}
			l.templates[address] = &blockDecl{Address: address, layers: []block{b}, pos: d.position(e.key), decoder: d}
		}
	}
}

// readOwns reads the name patterns of objects that the fleet may delete.
func (l *loader) readOwns(p part, e entry) {
	d := p.d
	entries, _ := d.entries(e.value, e.name)
	allowed := names(ownsKeys)
	for _, e := range entries {
		at := "owns." + e.name
		if !slices.Contains(allowed, e.name) {
			m := d.errorf(e.key, at, "unknown key; owns has %s", strings.Join(allowed, ", "))
			if m.Hint = DidYouMean(e.name, allowed); e.name == "sandboxes" {
				m.Hint = "sandboxes are owned by their labels"
			}
			continue
		}
		items, _ := d.sequence(e.value, at)
		for i, item := range items {
			s, ok := d.text(item, fmt.Sprintf("%s[%d]", at, i))
			if wrong := patternProblem(s); ok && wrong != "" {
				d.errorf(item, fmt.Sprintf("%s[%d]", at, i), "%s", wrong)
				continue
			}
			l.owns[sections[e.name]] = append(l.owns[sections[e.name]], s)
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
