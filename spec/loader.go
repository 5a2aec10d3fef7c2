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
	options      Options
	diagnostics  Diagnostics
	reported     map[string]bool // mistakes, so that each is told once
	errorCount   int             // mistakes, told or not
	warnings     Diagnostics
	seen         map[string]bool // files read, by fileID
	named        map[string]bool // files that the caller named, and not a spec
	includeDepth int             // files that name the one that is read, one within another
	yamlBytes    int             // bytes of YAML, so far
	readBytes    int             // bytes that were read, so far
	documents    int             // of YAML, so far
	decoders     []*decoder
	sources      []string // names of what was read, in order
	incomplete   bool     // a file could not be read: what is missing may be there
	parts        []part
	overlays     map[string]bool // files that are only read for an environment
	skipped      []skippedFile   // files of directories that look like parts of the spec

	fetchedTexts map[string]fetchedText // texts given by reference
	rawContents  map[string][]byte      // what was read from files and commands
	rule         textRule
	differing    [len(earlierRules)]bool // earlier rules that make other texts

	environments map[string]environmentOverlay
	scope        scope

	unset         Diagnostics            // values that are not set and may be
	unsetInHooks  Diagnostics            // those that the hooks around a run need
	reportedUnset map[string]*Diagnostic // so that each is listed once

	name, version, target locatedValue
	defaults              map[Kind]block
	templates             map[Address]*blockDecl
	images                map[string]imageDefinition
	declared              []*blockDecl
	byAddress             map[Address]*blockDecl
	disabled              map[Address]*blockDecl // what is not enabled and has a name of its own, by that
	owns                  map[Kind][]string
	prices                *Prices
	naming                block // rules for the names of the whole fleet
	timeouts              block // of the whole fleet
	hooks                 Hooks
	parallelism           Parallelism
	contents              map[*Resource]string // of snapshots
	scratch               block                // what the attributes of one copy are gathered in
	refactoring
}

// A part is one document of the spec, or what an environment says.
type part struct {
	d           *decoder
	file        string // by fileID
	entries     []entry
	environment string // the environment that it belongs to; empty for all
}

func newLoader(o Options) *loader {
	l := &loader{
		options:       o,
		seen:          map[string]bool{},
		named:         map[string]bool{},
		reported:      map[string]bool{},
		reportedUnset: map[string]*Diagnostic{},
		overlays:      map[string]bool{},
		fetchedTexts:  map[string]fetchedText{},
		rawContents:   map[string][]byte{},
		rule:          currentRule,
		environments:  map[string]environmentOverlay{},
		defaults:      map[Kind]block{},
		templates:     map[Address]*blockDecl{},
		images:        map[string]imageDefinition{},
		byAddress:     map[Address]*blockDecl{},
		disabled:      map[Address]*blockDecl{},
		owns:          map[Kind][]string{},
		contents:      map[*Resource]string{},
		scratch:       block{},
	}
	l.scope = scope{vars: map[string]*variable{}, env: map[string]bool{}, secrets: map[string]bool{}, limit: maxVarValues}
	return l
}

var topKeys = names(topLevel)

// addSource takes in a source and what it includes.
func (l *loader) addSource(s Source) {
	d := l.newDecoder(s)
	l.markUntrusted(d)
	l.sources = append(l.sources, s.Name)
	roots := d.documents(s.Text)
	if roots == nil || !d.checkIsSpec(roots) {
		l.incomplete = true
		return
	}
	for _, root := range roots {
		entries, ok := d.entries(root, "")
		if !ok && len(entries) == 0 {
			continue
		}
		l.parts = append(l.parts, part{d: d, file: fileID(s.Name), entries: entries})
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
	d.errorf(e.key, e.name, "unknown key; a spec has %s", strings.Join(topKeys, ", ")).Hint = hint
}

// include takes in the files that a file names, relative to it.
func (l *loader) include(d *decoder, e entry) {
	nodes := []*yaml.Node{e.value}
	if followAlias(e.value).Kind == yaml.SequenceNode {
		nodes, _ = d.sequence(e.value, e.name)
	}
	for _, n := range nodes {
		p, ok := d.text(n, e.name)
		if !ok {
			continue
		}
		files, skipped, err := l.options.filesUnder(d.relative(p))
		l.skipped = append(l.skipped, skipped...)
		for _, f := range files {
			if err == nil {
				err = l.readIncluded(f)
			}
		}
		if err != nil {
			d.errorf(n, e.name, "%s", readErrorText(err))
			l.incomplete = true
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

// readErrorText is an error of reading a file, for a place that names the file.
func readErrorText(err error) string {
	return strings.TrimPrefix(err.Error(), "reading the spec: ")
}

// allDiagnostics returns the mistakes and warnings of the spec, at most maxReported of
// them and one more that says that there are others.
func (l *loader) allDiagnostics() Diagnostics {
	shown := l.sortedRedacted(append(l.diagnostics, l.warnings...))
	if len(shown) > maxReported {
		shown = shown[:maxReported+1]
		shown[maxReported] = &Diagnostic{Pos: Position{File: shown[maxReported].Pos.File}, Message: "there are more mistakes, which are not told"}
	}
	return shown
}

// eachKey calls read for the top-level key of each part that has it.
func (l *loader) eachKey(parts []part, key string, read func(part, entry)) {
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

// maxReported bounds the mistakes that are told.
const maxReported = 1000

// report records mistakes.
func (l *loader) report(ms ...*Diagnostic) {
	for _, m := range ms {
		l.errorCount++
		if id := m.Pos.String() + m.Message; !l.reportFull() && !l.reported[id] {
			l.reported[id] = true
			l.diagnostics = append(l.diagnostics, m)
		}
	}
}

// reportFull reports whether no more mistakes are told.
func (l *loader) reportFull() bool { return len(l.diagnostics) > maxReported }

// sortedRedacted is a list of mistakes as it may be shown: sorted, without secrets.
func (l *loader) sortedRedacted(ms Diagnostics) Diagnostics {
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

// readOnceKey reads a value that a fleet has one of. Parts may agree on it, and an
// environment may say another.
func (l *loader) readOnceKey(p part, e entry, into *locatedValue, read func(*yaml.Node) (any, bool)) {
	p.d.secret, p.d.tainted = false, false
	v, ok := read(e.value)
	sensitive := p.d.tainted
	p.d.secret, p.d.tainted = false, false
	if !ok {
		into.pos = p.d.position(e.value)
		return
	}
	if into.value != nil && into.value != v && p.environment == "" {
		p.d.errorf(e.value, e.name, "%v contradicts %v at %s", v, into.value, into.pos)
	}
	*into = locatedValue{value: v, pos: p.d.position(e.value), decoder: p.d, sensitive: sensitive}
}

func (d *decoder) version(n *yaml.Node) (any, bool) {
	n = followAlias(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Value != "1" {
		d.errorf(n, "version", "expected 1, the version of the spec language that this fleet reads, got %s", describe(n))
		return nil, false
	}
	return 1, true
}

func (d *decoder) target(n *yaml.Node) (any, bool) {
	s, ok := d.text(n, "target")
	if wrong := notEmpty.Problem(s); ok && wrong != "" {
		d.errorf(n, "target", "%s", wrong)
		return nil, false
	}
	return s, ok
}

func (d *decoder) fleetName(n *yaml.Node) (any, bool) {
	s, ok := d.text(n, "name")
	if ok && !fleetNamePattern.MatchString(s) {
		d.errorf(n, "name", "%q is not a fleet name; write lower-case letters, digits and . _ - inside, at most 63 characters", s)
		return nil, false
	}
	return s, ok
}
