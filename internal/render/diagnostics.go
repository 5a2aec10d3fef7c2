package render

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"fleet/internal/render/ci"
	"fleet/spec"
)

// Diagnostics writes errors and warnings of a spec, each with its line.
func Diagnostics(w io.Writer, ms spec.Diagnostics, s Style) {
	for _, m := range ms {
		text := m.MessageWithCode()
		if m.Path != "" {
			text = m.Path + ": " + text
		}
		what := s.Bad("error:")
		if m.Warning {
			what = s.Warn("warning:")
		}
		fmt.Fprintf(w, "%s %s %s\n", s.Bold(m.Pos.String()+":"), what, text)
		fmt.Fprint(w, m.Excerpt())
		if m.Hint != "" {
			fmt.Fprintf(w, "  %s\n", s.Good(m.Hint))
		}
	}
	if n := len(ms) - ms.Warnings(); n > 1 {
		fmt.Fprintf(w, "%s in the spec; nothing was sent.\n", count(n, "error"))
	}
}

// validationJSON is what fleet validate prints as JSON.
type validationJSON struct {
	Version     int              `json:"version"`
	Valid       bool             `json:"valid"`
	Diagnostics spec.Diagnostics `json:"mistakes"`
}

// DiagnosticsJSON writes errors and warnings of a spec as JSON.
func DiagnosticsJSON(w io.Writer, ms spec.Diagnostics) error {
	return writeJSON(w, validationJSON{jsonVersion, len(ms) == ms.Warnings(), append(spec.Diagnostics{}, ms...)})
}

// DiagnosticsGitHub writes errors and warnings of a spec as annotations of GitHub
// Actions.
func DiagnosticsGitHub(w io.Writer, ms spec.Diagnostics, in ci.Workspace) error {
	for _, m := range ms {
		level := ci.Error
		if m.Warning {
			level = ci.Warning
		}
		if err := ci.WriteAnnotation(w, ci.Annotation{Level: level, Pos: within(in, m.Pos), Text: diagnosticText(m)}); err != nil {
			return err
		}
	}
	return nil
}

// diagnosticText returns a diagnostic without its position.
func diagnosticText(m *spec.Diagnostic) string {
	text := m.MessageWithCode()
	if m.Path != "" {
		text = m.Path + ": " + text
	}
	if m.Hint != "" {
		text += "; " + m.Hint
	}
	return text
}

// invalidRule is the SARIF rule of errors.
const invalidRule = "invalid"

// DiagnosticsSARIF writes errors and warnings of a spec as a SARIF log. version is
// the version of fleet.
func DiagnosticsSARIF(w io.Writer, ms spec.Diagnostics, version string, in ci.Workspace) error {
	known := []ci.SARIFRule{{ID: invalidRule, ShortDescription: ci.SARIFText{Text: "The spec is not valid"}}}
	rules := spec.WarningRules()
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		known = append(known, ci.SARIFRule{ID: id, ShortDescription: ci.SARIFText{Text: rules[id]}})
	}
	run := ci.NewSARIFRun(version, known...)
	for _, m := range ms {
		rule, level := invalidRule, "error"
		if m.Warning {
			rule, level = m.Rule, "warning"
		}
		run.Add(rule, level, diagnosticText(m), within(in, m.Pos), nil)
	}
	return run.Write(w)
}
