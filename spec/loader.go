package spec

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/redact"
)

// A loader puts a fleet together from the parts in several files: it takes in
// all files first, then the variables, and then what may use them.
type loader struct {
	options   Options
	mistakes  Mistakes
	told      map[string]bool // mistakes, so that each is told once
	found     int             // mistakes, told or not
	warnings  Mistakes
	seen      map[string]bool // files read, by sameFile
	named     map[string]bool // files that the caller named, and not a spec
	within    int             // files that name the one that is read, one within another
	yaml      int             // bytes of YAML, so far
	held      int             // bytes that were read, so far
	documents int             // of YAML, so far
	decoders  []*decoder
	sources   []string // names of what was read, in order
	broken    bool     // a file could not be read: what is missing may be there
	parts     []part
	overlays  map[string]bool // files that are only read for an environment
	unread    []unread        // files of directories that look like parts of the spec

	fetched   map[string]fetchedText // texts given by reference
	raw       map[string][]byte      // what was read from files and commands
	rule      textRule
	differing [len(earlierRules)]bool // earlier rules that make other texts

	environments map[string]environment
	scope        scope

	unset        Mistakes            // values that are not set and may be
	unsetInHooks Mistakes            // those that the hooks around a run need
	toldUnset    map[string]*Mistake // so that each is listed once

	name, version, target located
	defaults              map[Kind]block
	templates             map[Address]*declared
	images                map[string]definition
	declared              []*declared
	byAddress             map[Address]*declared
	absent                map[Address]*declared // what is not enabled and has a name of its own, by that
	owns                  map[Kind][]string
	prices                *Prices
	naming                block // rules for the names of the whole fleet
	timeouts              block // of the whole fleet
	hooks                 Hooks
	parallelism           Parallelism
	contents              map[*Resource]string // of snapshots
	scratch               block                // what the attributes of one copy are gathered in
	identity
}

// A part is one document of the spec, or what an environment says.
type part struct {
	d           *decoder
	file        string // by sameFile
	entries     []entry
	environment string // the environment that it belongs to; empty for all
}

func newLoader(o Options) *loader {
	l := &loader{
		options:      o,
		seen:         map[string]bool{},
		named:        map[string]bool{},
		told:         map[string]bool{},
		toldUnset:    map[string]*Mistake{},
		overlays:     map[string]bool{},
		fetched:      map[string]fetchedText{},
		raw:          map[string][]byte{},
		rule:         currentRule,
		environments: map[string]environment{},
		defaults:     map[Kind]block{},
		templates:    map[Address]*declared{},
		images:       map[string]definition{},
		byAddress:    map[Address]*declared{},
		absent:       map[Address]*declared{},
		owns:         map[Kind][]string{},
		contents:     map[*Resource]string{},
		scratch:      block{},
	}
	l.scope = scope{vars: map[string]*variable{}, env: map[string]bool{}, secrets: map[string]bool{}, limit: maxHeld}
	return l
}

var (
	topKeys  = names(topLevel)
	sections = map[string]Kind{"volumes": VolumeKind, "images": ImageKind, "snapshots": SnapshotKind, "sandboxes": SandboxKind}
)

// take takes in a source and what it includes.
func (l *loader) take(s Source) {
	d := l.newDecoder(s)
	l.guard(d)
	l.sources = append(l.sources, s.Name)
	roots := d.documents(s.Text)
	if roots == nil || !d.unguard(roots) {
		l.broken = true
		return
	}
	for _, root := range roots {
		entries, ok := d.entries(root, "")
		if !ok && len(entries) == 0 {
			continue
		}
		l.parts = append(l.parts, part{d: d, file: sameFile(s.Name), entries: entries})
		for _, e := range entries {
			switch {
			case e.name == "include":
				l.include(d, e)
			case e.name == "environments":
				l.readEnvironments(d, e)
			case !slices.Contains(topKeys, e.name):
				d.unknownTopKey(e)
			}
		}
	}
}

func (d *decoder) unknownTopKey(e entry) {
	hint := DidYouMean(e.name, topKeys)
	if i := slices.IndexFunc(topLevel, func(k Key) bool { return slices.Contains(k.Aliases, e.name) }); i >= 0 {
		hint = "write " + topLevel[i].Name
	}
	if !strings.HasPrefix(hint, "did you") {
		d.hide(e.value)
	}
	d.mistake(e.key, e.name, "unknown key; a spec has %s", strings.Join(topKeys, ", ")).Hint = hint
}

// include takes in the files that a file names, relative to it.
func (l *loader) include(d *decoder, e entry) {
	nodes := []*yaml.Node{e.value}
	if follow(e.value).Kind == yaml.SequenceNode {
		nodes, _ = d.sequence(e.value, e.name)
	}
	for _, n := range nodes {
		p, ok := d.text(n, e.name)
		if !ok {
			continue
		}
		files, skipped, err := l.options.filesAt(d.relative(p))
		l.unread = append(l.unread, skipped...)
		for _, f := range files {
			if err == nil {
				err = l.readWithin(f)
			}
		}
		if err != nil {
			d.mistake(n, e.name, "%s", reading(err))
			l.broken = true
		}
	}
}

// relative is a path that a file names, seen from the working directory.
func (d *decoder) relative(p string) string {
	if filepath.IsAbs(p) || d.file == "<stdin>" {
		return p
	}
	return filepath.Join(filepath.Dir(d.file), p)
}

// reading is an error of reading a file, for a place that names the file.
func reading(err error) string {
	return strings.TrimPrefix(err.Error(), "reading the spec: ")
}

// allMistakes returns the mistakes and warnings of the spec, at most maxTold of
// them and one more that says that there are others.
func (l *loader) allMistakes() Mistakes {
	shown := l.shown(append(l.mistakes, l.warnings...))
	if len(shown) > maxTold {
		shown = shown[:maxTold+1]
		shown[maxTold] = &Mistake{Pos: Position{File: shown[maxTold].Pos.File}, Message: "there are more mistakes, which are not told"}
	}
	return shown
}

// each calls read for the top-level key of each part that has it.
func (l *loader) each(parts []part, key string, read func(part, entry)) {
	for _, p := range parts {
		for _, e := range p.entries {
			if e.name == key {
				p.d.layer = p.layer(key)
				read(p, e)
				p.d.layer = ""
			}
		}
	}
}

// layer is what to call a part in explanations.
func (p part) layer(what string) string {
	if p.environment != "" {
		return "environment " + p.environment
	}
	return what
}

// maxTold bounds the mistakes that are told.
const maxTold = 1000

// tell records mistakes.
func (l *loader) tell(ms ...*Mistake) {
	for _, m := range ms {
		l.found++
		if id := m.Pos.String() + m.Message; !l.full() && !l.told[id] {
			l.told[id] = true
			l.mistakes = append(l.mistakes, m)
		}
	}
}

// full reports whether no more mistakes are told.
func (l *loader) full() bool { return len(l.mistakes) > maxTold }

// shown is a list of mistakes as it may be shown: sorted, without secrets.
func (l *loader) shown(ms Mistakes) Mistakes {
	secrets := redact.New(slices.Collect(maps.Keys(l.scope.secrets)))
	for _, m := range ms {
		for _, d := range l.decoders {
			if d.file == m.Pos.File {
				d.mask(m)
			}
		}
		m.Message = secrets.Text(m.Message)
		m.Hint = secrets.Text(m.Hint)
		m.unset = secrets.Text(m.unset)
		m.redactLine(secrets)
	}
	return ms.Sorted()
}

// once reads a value that a fleet has one of. Parts may agree on it, and an
// environment may say another.
func (l *loader) once(p part, e entry, into *located, read func(*yaml.Node) (any, bool)) {
	p.d.secret, p.d.tainted = false, false
	v, ok := read(e.value)
	sensitive := p.d.tainted
	p.d.secret, p.d.tainted = false, false
	if !ok {
		into.pos = p.d.at(e.value)
		return
	}
	if into.value != nil && into.value != v && p.environment == "" {
		p.d.mistake(e.value, e.name, "%v contradicts %v at %s", v, into.value, into.pos)
	}
	*into = located{value: v, pos: p.d.at(e.value), d: p.d, sensitive: sensitive}
}

func (d *decoder) version(n *yaml.Node) (any, bool) {
	n = follow(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Value != "1" {
		d.mistake(n, "version", "expected 1, the version of the spec language that this fleet reads, got %s", describe(n))
		return nil, false
	}
	return 1, true
}

func (d *decoder) target(n *yaml.Node) (any, bool) {
	s, ok := d.text(n, "target")
	if wrong := notEmpty.Wrong(s); ok && wrong != "" {
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
