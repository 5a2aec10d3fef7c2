package spec

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
)

// A fileSet is the files of one spec and what their decoders share: diagnostics,
// variables, and texts that were already read.
type fileSet struct {
	options    decodeOptions
	incomplete bool     // a file could not be read: what is missing may be in it
	sources    []string // names of what was read, in order

	diagnostics   diagnostic.Diagnostics
	reported      map[string]bool // errors, so that each is reported once
	errorCount    int             // errors, reported or not
	warnings      diagnostic.Diagnostics
	unset         diagnostic.Diagnostics            // values that are not set and may be
	reportedUnset map[string]*diagnostic.Diagnostic // so that each is listed once

	decoders     []*nodeDecoder
	documents    int                    // parsed so far
	fetchedTexts map[string]fetchedText // texts given by reference
	rule         textRule
	differing    [len(earlierRules)]bool // earlier rules by which a text reads differently
	scope        scope
}

// decodeOptions say where values come from that are not written in the files.
type decodeOptions struct {
	Vars     []Var
	VarFiles []string
	Lookup   func(name string) (string, bool)    // of environment variables; nil finds none
	Run      func(argv []string) ([]byte, error) // nil refuses commands
	Decrypt  func(file string) ([]byte, error)   // nil refuses encrypted files
	Unset    Unset
	Read     func(file string) ([]byte, error)                            // reads a file once
	Once     func(id string, read func() ([]byte, error)) ([]byte, error) // reads anything else once
	VarKeys  []string                                                     // the keys of a variable, for errors
}

// A Var is a value for a variable of the spec.
type Var struct {
	Name  string
	Value string // read as YAML when the variable is a list or a map
	From  string // where it was given, for errors, such as --var size
}

// newFileSet returns a set without files.
func newFileSet(o decodeOptions, rule textRule) *fileSet {
	return &fileSet{
		options:       o,
		rule:          rule,
		reported:      map[string]bool{},
		reportedUnset: map[string]*diagnostic.Diagnostic{},
		fetchedTexts:  map[string]fetchedText{},
		scope:         scope{vars: map[string]*variable{}, env: map[string]bool{}, secrets: map[string]bool{}, limit: maxVarValues},
	}
}

// newDecoder adds a source to the set and returns its decoder.
func (l *fileSet) newDecoder(s Source) *nodeDecoder {
	d := &nodeDecoder{yamlFile: newYAMLFile(s), set: l}
	l.decoders = append(l.decoders, d)
	return d
}

// setFleet sets what ${fleet.name} stands for.
func (l *fileSet) setFleet(name string) { l.scope.fleet = name }

// setEnvironment sets what ${fleet.environment} stands for.
func (l *fileSet) setEnvironment(name string) { l.scope.environment = name }

// finishVars evaluates all variables. From then on the bound is on the values that
// expressions copy.
func (l *fileSet) finishVars() {
	l.checkVars()
	l.scope.copied, l.scope.limit = 0, maxCopiedValues
}

// secrets returns the sensitive values that came up so far, sorted.
func (l *fileSet) secrets() []string { return slices.Sorted(maps.Keys(l.scope.secrets)) }

// warn records a warning.
func (l *fileSet) warn(m *diagnostic.Diagnostic) {
	if len(l.warnings) < maxReported {
		l.warnings = append(l.warnings, m)
	}
}

// maxReported bounds the mistakes that are told.
const maxReported = 1000

// report records mistakes.
func (l *fileSet) report(ms ...*diagnostic.Diagnostic) {
	for _, m := range ms {
		l.errorCount++
		if id := m.Pos.String() + m.Message; !l.reportFull() && !l.reported[id] {
			l.reported[id] = true
			l.diagnostics = append(l.diagnostics, m)
		}
	}
}

// reportFull reports whether no more mistakes are told.
func (l *fileSet) reportFull() bool { return len(l.diagnostics) > maxReported }

// sortedRedacted is a list of mistakes as it may be shown: sorted, without secrets.
func (l *fileSet) sortedRedacted(ms diagnostic.Diagnostics) diagnostic.Diagnostics {
	secrets := redact.New(slices.Collect(maps.Keys(l.scope.secrets)))
	for _, m := range ms {
		for _, d := range l.decoders {
			if d.name == m.Pos.File {
				d.mask(m)
			}
		}
		m.Redact(secrets)
	}
	return ms.Sorted()
}

// readErrorText is an error of reading a file, for a place that names the file.
func readErrorText(err error) string {
	return strings.TrimPrefix(err.Error(), "reading the spec: ")
}
