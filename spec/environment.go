package spec

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/specfile"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// An environmentOverlay is a partial spec that is laid over the rest if its environment
// is selected.
type environmentOverlay struct {
	d     *decoder
	entry decode.Entry
	file  string // of the partial spec, when it is not written in place
}

// IsEnvironmentName reports whether name is a valid name of an environment.
func IsEnvironmentName(name string) bool { return keyPattern.MatchString(name) }

// OverlayKeys are the top-level keys that an environment may have.
var OverlayKeys = names(overlayLevel())

// readEnvironments records the environments of a file.
func (l *loader) readEnvironments(d *decoder, e decode.Entry) {
	entries, _ := d.Entries(e.Value, e.Name)
	for _, e := range entries {
		at := "environments." + e.Name
		if !keyPattern.MatchString(e.Name) {
			d.Errorf(e.Key, at, "%q is not a name; write letters, digits and . _ - inside, at most 63 characters", e.Name)
		}
		if before, twice := l.environments[e.Name]; twice {
			d.Errorf(e.Key, at, "the environment is declared twice; the first is at %s", before.d.Position(before.entry.Key))
			continue
		}
		env := environmentOverlay{d: d, entry: e}
		if n := yamldoc.FollowAlias(e.Value); n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
			if p, ok := d.Text(n, at); ok {
				env.file = d.Relative(p)
				l.overlays[specfile.ID(env.file)] = true
			}
		}
		l.environments[e.Name] = env
	}
}

// applyEnvironment adds the content of the selected environment.
func (l *loader) applyEnvironment() {
	name := l.options.Environment
	l.SetEnvironment(name)
	env, declared := l.environments[name]
	switch {
	case name == "":
	case !declared:
		l.unknownEnvironment(name)
	case env.file != "":
		l.overlayFile(name, env)
	default:
		entries, _ := env.d.Entries(env.entry.Value, "environments."+name)
		l.addOverlay(name, part{d: env.d, entries: entries})
	}
}

// unknownEnvironment reports that the selected environment does not exist.
func (l *loader) unknownEnvironment(name string) {
	known := slices.Sorted(maps.Keys(l.environments))
	m := &Diagnostic{Pos: Position{File: "-e " + name}, Message: "there is no environment of this name"}
	switch {
	case l.Incomplete:
		return // it may be in the file that could not be read
	case len(known) == 0:
		m.Hint = "the spec declares none under environments"
	default:
		m.Hint = "the spec has " + strings.Join(known, ", ")
		if near := suggest.DidYouMean(name, known); near != "" {
			m.Hint = near
		}
	}
	l.Report(m)
}

// overlayFile adds an environment that is written in its own file.
func (l *loader) overlayFile(name string, env environmentOverlay) {
	before := len(l.parts)
	id := specfile.ID(env.file)
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
		env.d.Errorf(env.entry.Value, "environments."+name, "%s", decode.ReadErrorText(err))
		l.Incomplete = true
		return
	}
	for _, p := range slices.Clone(l.parts[before:]) {
		l.addOverlay(name, p)
	}
}

// addOverlay adds a part that overrides all others.
func (l *loader) addOverlay(name string, p part) {
	for _, e := range p.entries {
		if !slices.Contains(OverlayKeys, e.Name) && !specfile.IsExtension(e.Name) && (e.Name != "version" || p.file == "") {
			p.d.Errorf(e.Key, "environments."+name+"."+e.Name, "unknown key; an environment has %s", strings.Join(OverlayKeys, ", ")).Hint = suggest.DidYouMean(e.Name, OverlayKeys)
		}
	}
	p.environment = name
	l.parts = append(l.parts, p)
}

// warnNewInEnvironment warns of a resource that only an environment contains, if its
// key may be a misspelt other one.
func (l *loader) warnNewInEnvironment(p part, e decode.Entry, address Address) {
	var known []string
	for other := range l.byAddress {
		if other.Kind == address.Kind {
			known = append(known, other.Key)
		}
	}
	slices.Sort(known)
	slip := 1 + len(e.Name)/6 // short names differ by little
	if near := suggest.Nearest(e.Name, known); near != "" && suggest.Distance(e.Name, near, slip+1) <= slip {
		m := p.d.Warnf("new-in-overlay", e.Key, address.Kind.Section()+"."+e.Name, "%s is new in environment %s", address, p.environment)
		m.Hint = fmt.Sprintf("did you mean %q?", near)
	}
}
