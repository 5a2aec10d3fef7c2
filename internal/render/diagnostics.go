package render

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"fleet/spec"
)

// Diagnostics writes what is wrong with a spec, each mistake with its line.
func Diagnostics(w io.Writer, ms spec.Diagnostics, s Style) {
	for _, m := range ms {
		text := m.MessageWithCode()
		if m.Path != "" {
			text = m.Path + ": " + text
		}
		what := s.bad("error:")
		if m.Warning {
			what = s.warn("warning:")
		}
		fmt.Fprintf(w, "%s %s %s\n", s.bold(m.Pos.String()+":"), what, text)
		fmt.Fprint(w, m.Excerpt())
		if m.Hint != "" {
			fmt.Fprintf(w, "  %s\n", s.good(m.Hint))
		}
	}
	if n := len(ms) - ms.Warnings(); n > 1 {
		fmt.Fprintf(w, "%s in the spec; nothing was sent.\n", count(n, "mistake"))
	}
}

// validationJSON is what validate found, for programs.
type validationJSON struct {
	Version     int              `json:"version"`
	Valid       bool             `json:"valid"`
	Diagnostics spec.Diagnostics `json:"mistakes"`
}

// DiagnosticsJSON writes what is wrong with a spec for programs.
func DiagnosticsJSON(w io.Writer, ms spec.Diagnostics) error {
	return writeJSON(w, validationJSON{jsonVersion, len(ms) == ms.Warnings(), append(spec.Diagnostics{}, ms...)})
}

// DiagnosticsGitHub writes what is wrong with a spec as annotations of a workflow.
func DiagnosticsGitHub(w io.Writer, ms spec.Diagnostics) error {
	for _, m := range ms {
		level := "error"
		if m.Warning {
			level = "warning"
		}
		if _, err := fmt.Fprintln(w, annotationCommand(level, m.Pos, diagnosticText(m))); err != nil {
			return err
		}
	}
	return nil
}

// annotationCommand is a workflow command that marks a place of a file.
func annotationCommand(level string, pos spec.Position, text string) string {
	properties := []string{"file=" + escapeProperty(filepath.ToSlash(pos.File))}
	if pos.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d,col=%d", pos.Line, pos.Column))
	}
	return fmt.Sprintf("::%s %s::%s", level, strings.Join(properties, ","), escapeData(text))
}

// escapeData and escapeProperty follow the rules of workflow commands, in
// which line breaks, and in properties colons and commas, have a meaning.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}

// diagnosticText is a mistake without its place.
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

// invalidRule is the rule that mistakes break, in SARIF.
const invalidRule = "invalid"

// DiagnosticsSARIF writes what is wrong with a spec in the format of code
// scanners, version 2.1.0.
func DiagnosticsSARIF(w io.Writer, ms spec.Diagnostics, version string) error {
	known := []sarifRule{{ID: invalidRule, ShortDescription: sarifText{"The spec is not valid"}}}
	rules := spec.WarningRules()
	for _, id := range slices.Sorted(maps.Keys(rules)) {
		known = append(known, sarifRule{ID: id, ShortDescription: sarifText{rules[id]}})
	}
	run := newSARIFRun(version, known...)
	for _, m := range ms {
		rule, level := invalidRule, "error"
		if m.Warning {
			rule, level = m.Rule, "warning"
		}
		run.add(rule, level, diagnosticText(m), m.Pos, nil)
	}
	return run.write(w)
}
