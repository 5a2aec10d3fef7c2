package decode

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
	"fleet/internal/yamldoc"
)

// A FileSet is the files of one spec and what their decoders share: diagnostics,
// variables, and texts that were already read.
type FileSet struct {
	options    Options
	Incomplete bool     // a file could not be read: what is missing may be in it
	Sources    []string // names of what was read, in order

	Diagnostics   diagnostic.Diagnostics
	reported      map[string]bool // errors, so that each is reported once
	ErrorCount    int             // errors, reported or not
	Warnings      diagnostic.Diagnostics
	Unset         diagnostic.Diagnostics            // values that are not set and may be
	reportedUnset map[string]*diagnostic.Diagnostic // so that each is listed once

	Decoders     []*Decoder
	documents    int                    // parsed so far
	fetchedTexts map[string]fetchedText // texts given by reference
	rule         TextRule
	Differing    [len(EarlierRules)]bool // earlier rules by which a text reads differently
	scope        scope
}

// decodeOptions say where values come from that are not written in the files.
type Options struct {
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

// NewFileSet returns a set without files.
func NewFileSet(o Options, rule TextRule) *FileSet {
	return &FileSet{
		options:       o,
		rule:          rule,
		reported:      map[string]bool{},
		reportedUnset: map[string]*diagnostic.Diagnostic{},
		fetchedTexts:  map[string]fetchedText{},
		scope:         scope{vars: map[string]*variable{}, env: map[string]bool{}, secrets: map[string]bool{}, limit: maxVarValues},
	}
}

// NewDecoder adds a source to the set and returns its decoder.
func (l *FileSet) NewDecoder(s yamldoc.Source) *Decoder {
	d := &Decoder{File: yamldoc.NewFile(s), set: l}
	l.Decoders = append(l.Decoders, d)
	return d
}

// SetFleet sets what ${fleet.name} stands for.
func (l *FileSet) SetFleet(name string) { l.scope.fleet = name }

// SetEnvironment sets what ${fleet.environment} stands for.
func (l *FileSet) SetEnvironment(name string) { l.scope.environment = name }

// FinishVars evaluates all variables. From then on the bound is on the values that
// expressions copy.
func (l *FileSet) FinishVars() {
	l.checkVars()
	l.scope.copied, l.scope.limit = 0, maxCopiedValues
}

// Secrets returns the sensitive values that came up so far, sorted.
func (l *FileSet) Secrets() []string { return slices.Sorted(maps.Keys(l.scope.secrets)) }

// Warn records a warning.
func (l *FileSet) Warn(m *diagnostic.Diagnostic) {
	if len(l.Warnings) < MaxReported {
		l.Warnings = append(l.Warnings, m)
	}
}

// MaxReported bounds the mistakes that are told.
const MaxReported = 1000

// Report records mistakes.
func (l *FileSet) Report(ms ...*diagnostic.Diagnostic) {
	for _, m := range ms {
		l.ErrorCount++
		if id := m.Pos.String() + m.Message; !l.reportFull() && !l.reported[id] {
			l.reported[id] = true
			l.Diagnostics = append(l.Diagnostics, m)
		}
	}
}

// reportFull reports whether no more mistakes are told.
func (l *FileSet) reportFull() bool { return len(l.Diagnostics) > MaxReported }

// sortedRedacted is a list of mistakes as it may be shown: sorted, without secrets.
func (l *FileSet) Redacted(ms diagnostic.Diagnostics) diagnostic.Diagnostics {
	secrets := redact.New(slices.Collect(maps.Keys(l.scope.secrets)))
	for _, m := range ms {
		for _, d := range l.Decoders {
			if d.Name == m.Pos.File {
				d.Mask(m)
			}
		}
		m.Redact(secrets)
	}
	return ms.Sorted()
}

// ReadErrorText is an error of reading a file, for a place that names the file.
func ReadErrorText(err error) string {
	return strings.TrimPrefix(err.Error(), "reading the spec: ")
}
