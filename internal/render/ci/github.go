package ci

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"fleet/internal/foreign"
	"fleet/spec"
)

// A Level is the severity of an annotation, as workflow commands name it.
type Level string

// The levels, the most severe first.
const (
	Error   Level = "error"
	Warning Level = "warning"
	Notice  Level = "notice"
)

// An Annotation marks a place of a file in GitHub Actions.
type Annotation struct {
	Level Level
	Pos   spec.Position // without a file, it marks the job; its file is relative to the workspace
	Title string        // empty for none
	Text  string
}

// maxAnnotations is the number of annotations of a level that GitHub shows for a
// step of a workflow.
const maxAnnotations = 10

// WriteAnnotations writes annotations as workflow commands, the most severe
// first. If there are more of a level than GitHub shows, the last one counts the
// rest, which are in the summary of the job.
func WriteAnnotations(w io.Writer, list []Annotation) error {
	out := bufio.NewWriter(w)
	for _, level := range []Level{Error, Warning, Notice} {
		var ofLevel []Annotation
		for _, a := range list {
			if a.Level == level {
				ofLevel = append(ofLevel, a)
			}
		}
		shown := ofLevel
		if len(ofLevel) > maxAnnotations {
			shown = ofLevel[:maxAnnotations-1]
		}
		for _, a := range shown {
			fmt.Fprintln(out, a.command())
		}
		if n := len(ofLevel) - len(shown); n > 0 {
			fmt.Fprintln(out, Annotation{Level: level, Title: "fleet", Text: fmt.Sprintf("and %d more; the summary of the job has them", n)}.command())
		}
	}
	return out.Flush()
}

// WriteAnnotation writes one annotation as a workflow command.
func WriteAnnotation(w io.Writer, a Annotation) error {
	_, err := fmt.Fprintln(w, a.command())
	return err
}

// command returns the annotation as a workflow command.
func (a Annotation) command() string {
	var properties []string
	if a.Pos.File != "" {
		properties = append(properties, "file="+escapeProperty(foreign.EscapeLog(a.Pos.File)))
	}
	if a.Pos.Line > 0 {
		properties = append(properties, fmt.Sprintf("line=%d,col=%d", a.Pos.Line, a.Pos.Column))
	}
	if a.Title != "" {
		properties = append(properties, "title="+escapeProperty(foreign.EscapeLog(a.Title)))
	}
	return fmt.Sprintf("::%s %s::%s", a.Level, strings.Join(properties, ","), escapeData(foreign.EscapeLog(a.Text)))
}

// escapeData and escapeProperty escape what has a meaning in workflow commands:
// line breaks, and in properties also colons and commas.
func escapeData(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func escapeProperty(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(escapeData(s))
}
