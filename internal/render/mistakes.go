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

// Mistakes writes what is wrong with a spec, each mistake with its line.
func Mistakes(w io.Writer, ms spec.Mistakes, s Style) {
	for _, m := range ms {
		text := m.Coded()
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

// checkJSON is what validate found, for programs.
type checkJSON struct {
	Version  int           `json:"version"`
	Valid    bool          `json:"valid"`
	Mistakes spec.Mistakes `json:"mistakes"`
}

// MistakesJSON writes what is wrong with a spec for programs.
func MistakesJSON(w io.Writer, ms spec.Mistakes) error {
	return encode(w, checkJSON{version, len(ms) == ms.Warnings(), append(spec.Mistakes{}, ms...)})
}

// MistakesGitHub writes what is wrong with a spec as annotations of a workflow.
func MistakesGitHub(w io.Writer, ms spec.Mistakes) error {
	for _, m := range ms {
		level := "error"
		if m.Warning {
			level = "warning"
		}
		if _, err := fmt.Fprintln(w, annotation(level, m.Pos, oneLine(m))); err != nil {
			return err
		}
	}
	return nil
}

// annotation is a workflow command that marks a place of a file.
func annotation(level string, pos spec.Position, text string) string {
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

// oneLine is a mistake without its place.
func oneLine(m *spec.Mistake) string {
	text := m.Coded()
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

// MistakesSARIF writes what is wrong with a spec in the format of code
// scanners, version 2.1.0.
func MistakesSARIF(w io.Writer, ms spec.Mistakes, version string) error {
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
		run.add(rule, level, oneLine(m), m.Pos, nil)
	}
	return run.write(w)
}
