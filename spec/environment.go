package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/suggest"
)

// An environment is what a spec says for one of the places that it is used
// for: a partial spec, laid over the rest when the environment is chosen.
type environmentOverlay struct {
	d     *decoder
	entry entry
	file  string // of the partial spec, when it is not written in place
}

// IsEnvironmentName reports whether an environment of a spec may have the name.
func IsEnvironmentName(name string) bool { return keyPattern.MatchString(name) }

// overlayKeys are the top-level keys that an environment may have.
var overlayKeys = names(overlayLevel())

// readEnvironments notes the environments of a file.
func (l *loader) readEnvironments(d *decoder, e entry) {
	entries, _ := d.entries(e.value, e.name)
	for _, e := range entries {
		at := "environments." + e.name
		if !keyPattern.MatchString(e.name) {
			d.errorf(e.key, at, "%q is not a name; write letters, digits and . _ - inside, at most 63 characters", e.name)
		}
		if before, twice := l.environments[e.name]; twice {
			d.errorf(e.key, at, "the environment is declared twice; the first is at %s", before.d.position(before.entry.key))
			continue
		}
		env := environmentOverlay{d: d, entry: e}
		if n := followAlias(e.value); n.Kind == yaml.ScalarNode && !isNull(n) {
			if p, ok := d.text(n, at); ok {
				env.file = d.relative(p)
				l.overlays[fileID(env.file)] = true
			}
		}
		l.environments[e.name] = env
	}
}

// applyEnvironment takes in what the chosen environment says.
func (l *loader) applyEnvironment() {
	name := l.options.Environment
	l.setEnvironment(name)
	env, declared := l.environments[name]
	switch {
	case name == "":
	case !declared:
		l.unknownEnvironment(name)
	case env.file != "":
		l.overlayFile(name, env)
	default:
		entries, _ := env.d.entries(env.entry.value, "environments."+name)
		l.addOverlay(name, part{d: env.d, entries: entries})
	}
}

func (l *loader) unknownEnvironment(name string) {
	known := slices.Sorted(maps.Keys(l.environments))
	m := &Diagnostic{Pos: Position{File: "-e " + name}, Message: "there is no environment of this name"}
	switch {
	case l.incomplete:
		return // it may be in the file that could not be read
	case len(known) == 0:
		m.Hint = "the spec declares none under environments"
	default:
		m.Hint = "the spec has " + strings.Join(known, ", ")
		if near := suggest.DidYouMean(name, known); near != "" {
			m.Hint = near
		}
	}
	l.report(m)
}

// overlayFile takes in an environment that is written in a file of its own.
func (l *loader) overlayFile(name string, env environmentOverlay) {
	before := len(l.parts)
	id := fileID(env.file)
	l.seen[id] = false // it may have been met among the files of a directory
	for i := range l.parts {
		if l.parts[i].file == id {
			l.addOverlay(name, l.parts[i])
			l.seen[id] = true
		}
	}
	if l.seen[id] {
		return
	}
	if err := l.readIncluded(env.file); err != nil {
		env.d.errorf(env.entry.value, "environments."+name, "%s", readErrorText(err))
		l.incomplete = true
		return
	}
	for _, p := range slices.Clone(l.parts[before:]) {
		l.addOverlay(name, p)
	}
}

// addOverlay lays a part over all others.
func (l *loader) addOverlay(name string, p part) {
	for _, e := range p.entries {
		if !slices.Contains(overlayKeys, e.name) && (e.name != "version" || p.file == "") {
			p.d.errorf(e.key, "environments."+name+"."+e.name, "unknown key; an environment has %s", strings.Join(overlayKeys, ", ")).Hint = suggest.DidYouMean(e.name, overlayKeys)
		}
	}
	p.environment = name
	l.parts = append(l.parts, p)
}

// warnNewInEnvironment warns of a resource that only an environment has and that
// may be a misspelt other one.
func (l *loader) warnNewInEnvironment(p part, e entry, address Address) {
	var known []string
	for other := range l.byAddress {
		if other.Kind == address.Kind {
			known = append(known, other.Key)
		}
	}
	slices.Sort(known)
	slip := 1 + len(e.name)/6 // short names differ by little
	if near := suggest.Nearest(e.name, known); near != "" && suggest.Distance(e.name, near, slip+1) <= slip {
		m := p.d.warnf("new-in-overlay", e.key, address.Kind.Section()+"."+e.name, "%s is new in environment %s", address, p.environment)
		m.Hint = fmt.Sprintf("did you mean %q?", near)
	}
}
