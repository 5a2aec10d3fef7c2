package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// An environment is what a spec says for one of the places that it is used
// for: a partial spec, laid over the rest when the environment is chosen.
type environment struct {
	d     *decoder
	entry entry
	file  string // of the partial spec, when it is not written in place
}

// IsEnvironment reports whether an environment of a spec may have the name.
func IsEnvironment(name string) bool { return keyForm.MatchString(name) }

// overlayKeys are the top-level keys that an environment may have.
var overlayKeys = names(overlayLevel())

// readEnvironments notes the environments of a file.
func (l *loader) readEnvironments(d *decoder, e entry) {
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := "environments." + e.name
		if !keyForm.MatchString(e.name) {
			d.mistake(e.key, at, "%q is not a name; write letters, digits and . _ - inside, at most 63 characters", e.name)
		}
		if before, twice := l.environments[e.name]; twice {
			d.mistake(e.key, at, "the environment is declared twice; the first is at %s", before.d.at(before.entry.key))
			continue
		}
		env := environment{d: d, entry: e}
		if n := follow(e.value); n.Kind == yaml.ScalarNode && !isNull(n) {
			if p, ok := d.text(n, at); ok {
				env.file = d.relative(p)
				l.overlays[sameFile(env.file)] = true
			}
		}
		l.environments[e.name] = env
	}
}

// chooseEnvironment takes in what the chosen environment says.
func (l *loader) chooseEnvironment() {
	name := l.options.Environment
	l.scope.environment = name
	env, declared := l.environments[name]
	switch {
	case name == "":
	case !declared:
		l.unknownEnvironment(name)
	case env.file != "":
		l.overlayFile(name, env)
	default:
		entries, _ := env.d.entries(env.entry.value, "environments."+name)
		l.overlay(name, part{d: env.d, entries: entries})
	}
}

func (l *loader) unknownEnvironment(name string) {
	known := slices.Sorted(maps.Keys(l.environments))
	m := &Mistake{Pos: Position{File: "-e " + name}, Message: "there is no environment of this name"}
	switch {
	case l.broken:
		return // it may be in the file that could not be read
	case len(known) == 0:
		m.Hint = "the spec declares none under environments"
	default:
		m.Hint = "the spec has " + strings.Join(known, ", ")
		if near := DidYouMean(name, known); near != "" {
			m.Hint = near
		}
	}
	l.tell(m)
}

// overlayFile takes in an environment that is written in a file of its own.
func (l *loader) overlayFile(name string, env environment) {
	before := len(l.parts)
	id := sameFile(env.file)
	l.seen[id] = false // it may have been met among the files of a directory
	for i := range l.parts {
		if l.parts[i].file == id {
			l.overlay(name, l.parts[i])
			l.seen[id] = true
		}
	}
	if l.seen[id] {
		return
	}
	if err := l.readWithin(env.file); err != nil {
		env.d.mistake(env.entry.value, "environments."+name, "%s", reading(err))
		l.broken = true
		return
	}
	for _, p := range slices.Clone(l.parts[before:]) {
		l.overlay(name, p)
	}
}

// overlay lays a part over all others.
func (l *loader) overlay(name string, p part) {
	for _, e := range p.entries {
		if !slices.Contains(overlayKeys, e.name) && (e.name != "version" || p.file == "") {
			p.d.mistake(e.key, "environments."+name+"."+e.name, "unknown key; an environment has %s", strings.Join(overlayKeys, ", ")).Hint = DidYouMean(e.name, overlayKeys)
		}
	}
	p.environment = name
	l.parts = append(l.parts, p)
}

// newInEnvironment warns of a resource that only an environment has and that
// may be a misspelt other one.
func (l *loader) newInEnvironment(p part, e entry, address Address) {
	var known []string
	for other := range l.byAddress {
		if other.Kind == address.Kind {
			known = append(known, other.Key)
		}
	}
	slices.Sort(known)
	slip := 1 + len(e.name)/6 // short names differ by little
	if near := nearest(e.name, known); near != "" && distance(e.name, near, slip+1) <= slip {
		m := p.d.warn("new-in-overlay", e.key, address.Kind.Section()+"."+e.name, "%s is new in environment %s", address, p.environment)
		m.Hint = fmt.Sprintf("did you mean %q?", near)
	}
}
