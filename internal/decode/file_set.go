package decode

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/diagnostic"
	"fleet/internal/redact"
	"fleet/internal/yamldoc"
)

// A FileSet is the files of one spec and the state that their decoders share:
// diagnostics, variables, and values that were fetched already.
type FileSet struct {
	options    Options
	Incomplete bool       // a file could not be read and may contain what is missing
	Sources    []string   // names of all sources, in order
	Decoders   []*Decoder // of all sources

	Diagnostics diagnostic.Diagnostics // errors, at most MaxReported and one more
	ErrorCount  int                    // errors, including those that are not kept
	Warnings    diagnostic.Diagnostics // at most MaxReported
	reported    map[string]bool        // errors that were reported, by place and message

	Unset         diagnostic.Diagnostics            // values that are not set and need not be
	reportedUnset map[string]*diagnostic.Diagnostic // by place and message, so that each is listed once

	documents    int                     // parsed so far
	fetchedTexts map[string]fetchedText  // texts given by reference, by id
	rule         TextRule                // by which texts are read
	Differing    [len(EarlierRules)]bool // earlier rules by which some text reads differently
	scope        scope
}

// Options state where values come from that are not written in the files.
type Options struct {
	Vars     []Var    // values of variables; the last of a name takes precedence
	VarFiles []string // YAML files of values by variable
	VarKeys  []string // the keys of a variable, for errors

	Lookup func(name string) (string, bool) // returns environment variables; nil finds none

	// SensitiveEnv reports whether the value of an environment variable is sensitive
	// wherever it is used. nil: only from_env makes it so.
	SensitiveEnv func(name string) bool

	Run     func(argv []string) ([]byte, error) // runs a command and returns its output; nil refuses commands
	Decrypt func(file string) ([]byte, error)   // decrypts a file of sops; nil refuses such files
	Unset   Unset                               // which values need not be set

	Read func(file string) ([]byte, error)                            // reads a file of the spec once
	Once func(id string, read func() ([]byte, error)) ([]byte, error) // calls read once for each id
}

// A Var is a value for a variable of the spec.
type Var struct {
	Name  string // of the variable
	Value string // read as YAML if the variable is a list or a map
	From  string // where it was given, for errors, such as --var size

	// Sensitive makes the variable sensitive even if the spec does not.
	Sensitive bool
}

// NewFileSet returns a set without files that reads texts by a rule.
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

// SetFleet sets the value of ${fleet.name}.
func (l *FileSet) SetFleet(name string) { l.scope.fleet = name }

// SetEnvironment sets the value of ${fleet.environment}.
func (l *FileSet) SetEnvironment(name string) { l.scope.environment = name }

// FinishVars evaluates all variables. Afterwards the limit on copied values applies to
// the expressions outside of variables.
func (l *FileSet) FinishVars() {
	l.checkVars()
	l.scope.copied, l.scope.limit = 0, maxCopiedValues
}

// Secrets returns the sensitive values that were read so far, sorted.
func (l *FileSet) Secrets() []string { return slices.Sorted(maps.Keys(l.scope.secrets)) }

// Warn records a warning, up to MaxReported of them.
func (l *FileSet) Warn(m *diagnostic.Diagnostic) {
	if len(l.Warnings) < MaxReported {
		l.Warnings = append(l.Warnings, m)
	}
}

// MaxReported is the maximum number of errors that are kept. More than that are only
// counted.
const MaxReported = 1000

// Report records errors, each once.
func (l *FileSet) Report(ms ...*diagnostic.Diagnostic) {
	for _, m := range ms {
		l.ErrorCount++
		if id := m.Pos.String() + m.Message; !l.reportFull() && !l.reported[id] {
			l.reported[id] = true
			l.Diagnostics = append(l.Diagnostics, m)
		}
	}
}

// reportFull reports whether the maximum number of errors was exceeded.
func (l *FileSet) reportFull() bool { return len(l.Diagnostics) > MaxReported }

// Redacted sorts ms and removes secrets from them, so that they can be printed.
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

// ReadErrorText returns the text of a read error for a message that names the file
// already.
func ReadErrorText(err error) string {
	return strings.TrimPrefix(err.Error(), "reading the spec: ")
}
