package decode

import "fleet/internal/diagnostic"

// Unset says what a spec may refer to without a value being set for it.
type Unset int

// What may be unset.
const (
	UnsetNothing     Unset = iota // every value must be set
	UnsetEnvironment              // environment variables: from_env and ${env.NAME}
	UnsetAll                      // and the variables of the spec
)

// deferUnset notes that the value which is read now depends on one that is not set.
// It reports false where the value is needed: then it is a mistake.
func (d *Decoder) deferUnset(ms ...*diagnostic.Diagnostic) bool {
	if d.deferring {
		d.missing = append(d.missing, ms...)
	}
	return d.deferring
}

// unsetDiagnostic is what is reported about the value of a name that is not set.
func (d *Decoder) unsetDiagnostic(pos diagnostic.Position, path, name, message, hint string) *diagnostic.Diagnostic {
	m := d.Diagnosticf(pos, path, "%s", message)
	m.Hint, m.Unset = hint, name
	return m
}

// WithDeferral calls read for a value that may be unset, and returns what it
// lacks.
func (d *Decoder) WithDeferral(may bool, read func()) []*diagnostic.Diagnostic {
	deferring, missing := d.deferring, d.missing
	d.deferring, d.missing = may && d.set.options.Unset > UnsetNothing, nil
	read()
	lacks := d.missing
	d.deferring, d.missing = deferring, missing
	return lacks
}

// RecordUnset records values that are not set, each once, and returns the records.
func (l *FileSet) RecordUnset(ms []*diagnostic.Diagnostic) []*diagnostic.Diagnostic {
	noted := make([]*diagnostic.Diagnostic, len(ms))
	for i, m := range ms {
		id := m.Pos.String() + m.Message
		if l.reportedUnset[id] == nil {
			l.reportedUnset[id] = m
			l.Unset = append(l.Unset, m)
		}
		noted[i] = l.reportedUnset[id]
	}
	return noted
}

// recordUnsetVar notes that a variable of the spec has no value, or tells of it
// where it must have one.
func (l *FileSet) recordUnsetVar(v *variable) {
	if l.options.Unset == UnsetAll {
		l.RecordUnset(v.missing)
		return
	}
	v.state = evalFailed
	l.Report(v.missing...)
}
