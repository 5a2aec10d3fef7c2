package render

import (
	"encoding/xml"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"fleet/apply"
	"fleet/internal/render/ci"
)

// junitElement is what the schema of Jenkins, junit-10.xsd of the plugin xunit, allows for
// an element that fleet writes, and requires of it. Versions of the schema differ: these
// are the attributes that all of them have. Some have testcase/@file, others refuse it.
type junitElement struct{ parent, attributes, required string }

var junitElements = map[string]junitElement{
	"testsuites": {"", "name time tests failures errors", ""},
	"testsuite":  {"testsuites", "name tests failures errors skipped time timestamp hostname id package", "name tests failures errors"},
	"testcase":   {"testsuite", "name time classname", "name"},
	"failure":    {"testcase", "type message", ""},
	"error":      {"testcase", "type message", ""},
	"skipped":    {"testcase", "type message", ""},
	"system-out": {"testcase", "", ""},
}

// surefireTime matches the durations that the schema takes: seconds, perhaps with commas.
var surefireTime = regexp.MustCompile(`^[0-9]+(,[0-9]{3})*(\.[0-9]*)?$`)

// junitProblem returns what Jenkins refuses in a report, or "".
func junitProblem(text string) string {
	dec := xml.NewDecoder(strings.NewReader(text))
	open := []string{""}
	for {
		token, err := dec.Token()
		switch token := token.(type) {
		case xml.StartElement:
			allowed, known := junitElements[token.Name.Local]
			if !known || allowed.parent != open[len(open)-1] {
				return token.Name.Local + " in " + open[len(open)-1]
			}
			missing := allowed.required
			for _, a := range token.Attr {
				if !hasWord(allowed.attributes, a.Name.Local) || a.Name.Local == "time" && !surefireTime.MatchString(a.Value) {
					return token.Name.Local + "/@" + a.Name.Local
				}
				missing = strings.Join(strings.Fields(strings.ReplaceAll(" "+missing+" ", " "+a.Name.Local+" ", "  ")), " ")
			}
			if missing != "" {
				return token.Name.Local + " without " + missing
			}
			open = append(open, token.Name.Local)
		case xml.EndElement:
			open = open[:len(open)-1]
		}
		if errors.Is(err, io.EOF) {
			return ""
		}
		if err != nil {
			return err.Error()
		}
	}
}

func hasWord(words, word string) bool { return strings.Contains(" "+words+" ", " "+word+" ") }

func TestJUnitForJenkins(t *testing.T) {
	drifted := placed()
	drifted.Steps[5].Drift = "expected"
	interrupted := mixed()
	interrupted.Results[0].Outcome = apply.Interrupted
	for name, write := range map[string]func(io.Writer) error{
		"plan":        func(w io.Writer) error { return PlanJUnit(w, placed(), Style{}, ci.Workspace{Jenkins: true}) },
		"drift":       func(w io.Writer) error { return PlanJUnit(w, drifted, Style{Drift: true}, ci.Workspace{Jenkins: true}) },
		"report":      func(w io.Writer) error { return ReportJUnit(w, placed(), mixed(), ci.Workspace{Jenkins: true}) },
		"interrupted": func(w io.Writer) error { return ReportJUnit(w, placed(), interrupted, ci.Workspace{Jenkins: true}) },
	} {
		if wrong := junitProblem(written(t, write)); wrong != "" {
			t.Errorf("%s: Jenkins refuses %s", name, wrong)
		}
	}
	for _, wrong := range []string{
		`<testsuites><testsuite name="a" tests="1" failures="0" errors="0"><testcase name="b" line="1"/></testsuite></testsuites>`,
		`<testsuites><testsuite name="a" tests="1" failures="0"></testsuite></testsuites>`,
		`<testsuites><testcase name="b"/></testsuites>`,
		`<testsuites><testsuite name="a" tests="1" failures="0" errors="0" time="1s"/></testsuites>`,
		`<testsuites><testsuite name="a" tests="1" failures="0" errors="0"><testcase name="b" file="c"/></testsuite></testsuites>`,
	} {
		if junitProblem(wrong) == "" {
			t.Errorf("the check takes %s", wrong)
		}
	}
}
