package decode

import "fleet/internal/diagnostic"

// Unset states which values that a spec refers to need not be set.
type Unset int

// Which values may be unset.
const (
	UnsetNothing     Unset = iota // none
	UnsetEnvironment              // environment variables: from_env and ${env.NAME}
	UnsetAll                      // also variables of the spec
)

// deferUnset records that the value that is being read depends on values that are not
// set. It returns false if the value is required; the caller then reports an error.
func (d *Decoder) deferUnset(ms ...*diagnostic.Diagnostic) bool {
	if d.deferring {
		d.missing = append(d.missing, ms...)
	}
	return d.deferring
}

// unsetDiagnostic returns the diagnostic for a value that is not set, such as $TOKEN or
// var.size.
func (d *Decoder) unsetDiagnostic(pos diagnostic.Position, path, name, message, hint string) *diagnostic.Diagnostic {
	m := d.Diagnosticf(pos, path, "%s", message)
	m.Hint, m.Unset = hint, name
	return m
}

// WithDeferral calls read for a value that may be left unset, and returns a diagnostic
// for each unset value that it depends on.
func (d *Decoder) WithDeferral(may bool, read func()) []*diagnostic.Diagnostic {
	deferring, missing := d.deferring, d.missing
	d.deferring, d.missing = may && d.set.options.Unset > UnsetNothing, nil
	read()
	lacks := d.missing
	d.deferring, d.missing = deferring, missing
	return lacks
}

// RecordUnset records unset values, each once, and returns the records.
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

// recordUnsetVar records a variable without a value, or reports an error if variables
// must have one.
func (l *FileSet) recordUnsetVar(v *variable) {
	if l.options.Unset == UnsetAll {
		l.RecordUnset(v.missing)
		return
	}
	v.state = evalFailed
	l.Report(v.missing...)
}
