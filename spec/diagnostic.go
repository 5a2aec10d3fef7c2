package spec

import "fleet/internal/diagnostic"

type (
	// A Position is a place in a spec file. The zero Position is nowhere.
	Position = diagnostic.Position

	// A Diagnostic is one error or warning about a spec.
	Diagnostic = diagnostic.Diagnostic

	// Diagnostics are all errors and warnings about a spec, in the order of the
	// files and lines. It is the error that [Options.Load] returns for a spec that
	// could be read and is wrong.
	Diagnostics = diagnostic.Diagnostics
)
