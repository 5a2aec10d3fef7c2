package spec

import (
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/imagefiles"
	"fleet/internal/specfile"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// A loader builds a fleet from the parts of a spec. It first reads all files, then the
// variables, and then everything that may refer to them.
type loader struct {
	*decode.FileSet
	options      Options
	cache        *specfile.Cache // what was read from files and commands
	seen         map[string]bool // files read, by fileID
	named        map[string]bool // files that the caller named, and not a spec
	includeDepth int             // files that name the one that is read, one within another
	yamlBytes    int             // bytes of YAML, so far
	parts        []part
	overlays     map[string]bool    // files that are only read for an environment
	skipped      []specfile.Skipped // files of directories that look like parts of the spec
	environments map[string]environmentOverlay
	unsetInHooks Diagnostics // values that are not set and that the hooks around a run need

	name, version, target locatedValue
	defaults              map[Kind]block
	templates             map[Address]*blockDecl
	images                map[string]*imageDefinition // by key
	selector              *imagefiles.Selector
	imageDecls            []ImageDecl
	digests               map[string]*tagDigest // by reference; nil if they are not requested
	failedDigests         map[string]bool       // that were reported
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
	files                 map[*blockDecl]Files // with their content
	reportedFiles         map[string]bool      // problems with them, by position and text
	scratch               block                // what the attributes of one copy are gathered in
	refactoring
}

// A decoder reads the resources of one file: it adds the tables of attributes to a
// decoder of values.
type decoder struct {
	*decode.Decoder
	layer string // what explanations call the part that is read now, such as "template small"

	explains bool // values keep their YAML

	latest map[*Attribute]map[string]string // the mappings of texts that were read last; blocks share them
}

// A part is one document of the spec, or the content of an environment.
type part struct {
	d           *decoder
	file        string // by fileID
	entries     []decode.Entry
	environment string // the environment that it belongs to; empty for all
}

// newLoader returns a loader without files.
func newLoader(o Options) *loader {
	return newLoaderBy(o, decode.CurrentRule, specfile.NewCache())
}

// newLoaderBy returns a loader that reads texts by a rule and takes the content of
// files from a cache.
func newLoaderBy(o Options, rule decode.TextRule, cache *specfile.Cache) *loader {
	l := &loader{
		options:      o,
		cache:        cache,
		seen:         map[string]bool{},
		named:        map[string]bool{},
		overlays:     map[string]bool{},
		environments: map[string]environmentOverlay{},
		defaults:     map[Kind]block{},
		templates:    map[Address]*blockDecl{},
		images:       map[string]*imageDefinition{},
		byAddress:    map[Address]*blockDecl{},
		disabled:     map[Address]*blockDecl{},
		owns:         map[Kind][]string{},
		contents:     map[*Resource]string{},
		scratch:      block{},
	}
	l.selector = imagefiles.NewSelector(o.files().CheckInsideRoot, o.Hasher.Inputs())
	l.FileSet = decode.NewFileSet(decode.Options{
		Vars: o.Vars, VarFiles: o.VarFiles, Lookup: o.Lookup, SensitiveEnv: o.SensitiveEnv, Run: o.Run, Decrypt: o.Decrypt, Unset: o.Unset,
		Read: l.read, Once: cache.Once, VarKeys: names(variableKeys),
	}, rule)
	return l
}

var topKeys = specfile.Keys(names(TopLevel))

// addSource adds a source and the files that it includes.
func (l *loader) addSource(s Source) {
	d := &decoder{Decoder: l.NewDecoder(s), explains: l.options.Explain}
	l.markUntrusted(d)
	l.Sources = append(l.Sources, s.Name)
	roots := d.DocumentsDeferring(s.Text, SandboxKind.Section())
	if roots == nil || !d.checkIsSpec(roots) {
		l.Incomplete = true
		return
	}
	for _, root := range roots {
		entries, ok := d.Entries(root, "")
		if !ok && len(entries) == 0 {
			continue
		}
		l.parts = append(l.parts, part{d: d, file: specfile.ID(s.Name), entries: entries})
		for _, e := range entries {
			switch {
			case e.Name == "include":
				l.include(d, e)
			case e.Name == "environments":
				l.readEnvironments(d, e)
			case !slices.Contains(topKeys, e.Name) && !specfile.IsExtension(e.Name):
				d.unknownTopKey(e)
			}
		}
	}
}

// unknownTopKey reports an unknown top-level key. It hides the value, which may be
// secret, unless a similar key exists.
func (d *decoder) unknownTopKey(e decode.Entry) {
	hint := suggest.DidYouMean(e.Name, topKeys)
	if i := slices.IndexFunc(TopLevel, func(k Key) bool { return slices.Contains(k.Aliases, e.Name) }); i >= 0 {
		hint = "write " + TopLevel[i].Name
	}
	if !strings.HasPrefix(hint, "did you") {
		d.Hide(e.Value)
	}
	d.Errorf(e.Key, e.Name, "unknown key; a spec has %s", strings.Join(topKeys, ", ")).Hint = hint
}

// include adds the files that a file names, relative to it.
func (l *loader) include(d *decoder, e decode.Entry) {
	nodes := []*yaml.Node{e.Value}
	if yamldoc.FollowAlias(e.Value).Kind == yaml.SequenceNode {
		nodes, _ = d.Sequence(e.Value, e.Name)
	}
	for _, n := range nodes {
		p, ok := d.Text(n, e.Name)
		if !ok {
			continue
		}
		files, skipped, err := l.options.files().FilesUnder(d.Relative(p))
		l.skipped = append(l.skipped, skipped...)
		for _, f := range files {
			if err == nil {
				err = l.readIncluded(f)
			}
		}
		if err != nil {
			d.Errorf(n, e.Name, "%s", decode.ReadErrorText(err))
			l.Incomplete = true
		}
	}
}

// allDiagnostics returns the errors and warnings of the spec. If there are more than
// the maximum, the last one states that there are others.
func (l *loader) allDiagnostics() Diagnostics {
	shown := l.Redacted(append(l.Diagnostics, l.Warnings...))
	if len(shown) > decode.MaxReported {
		shown = shown[:decode.MaxReported+1]
		shown[decode.MaxReported] = &Diagnostic{Pos: Position{File: shown[decode.MaxReported].Pos.File}, Message: "there are more errors, which are not listed"}
	}
	return shown
}

// eachKey calls read for a top-level key in each part that contains it.
func (l *loader) eachKey(parts []part, key string, read func(part, decode.Entry)) {
	for _, p := range parts {
		for _, e := range p.entries {
			if e.Name == key {
				p.d.layer = p.layer(key)
				read(p, e)
				p.d.layer = ""
			}
		}
	}
}

// layer returns the name of the part in explanations; what is the name outside of
// environments.
func (p part) layer(what string) string {
	if p.environment != "" {
		return "environment " + p.environment
	}
	return what
}

// readOnceKey reads a value that the whole fleet shares. Parts must agree on it; an
// environment may override it.
func (l *loader) readOnceKey(p part, e decode.Entry, into *locatedValue, read func(*yaml.Node) (any, bool)) {
	p.d.Begin(false, nil)
	v, ok := read(e.Value)
	sensitive := p.d.End().Sensitive
	if !ok {
		into.pos = p.d.Position(e.Value)
		return
	}
	if into.value != nil && into.value != v && p.environment == "" {
		p.d.Errorf(e.Value, e.Name, "%v contradicts %v at %s", v, into.value, into.pos)
	}
	*into = locatedValue{value: v, pos: p.d.Position(e.Value), decoder: p.d, sensitive: sensitive}
}

// version reads the version of the spec language.
func (d *decoder) version(n *yaml.Node) (any, bool) {
	n = yamldoc.FollowAlias(n)
	if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || n.Value != "1" {
		d.Errorf(n, "version", "expected 1, the version of the spec language that this fleet reads, got %s", yamldoc.Describe(n))
		return nil, false
	}
	return 1, true
}

// target reads the default region.
func (d *decoder) target(n *yaml.Node) (any, bool) {
	s, ok := d.Text(n, "target")
	if wrong := notEmpty.Problem(s); ok && wrong != "" {
		d.Errorf(n, "target", "%s", wrong)
		return nil, false
	}
	return s, ok
}

// fleetName reads the name of the fleet.
func (d *decoder) fleetName(n *yaml.Node) (any, bool) {
	s, ok := d.Text(n, "name")
	if ok && !fleetNamePattern.MatchString(s) {
		d.Errorf(n, "name", "%q is not a fleet name; write lower-case letters, digits and . _ - inside, at most 63 characters", s)
		return nil, false
	}
	return s, ok
}
