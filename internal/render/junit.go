package render

import (
	"encoding/xml"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"fleet/apply"
	"fleet/plan"
	"fleet/spec"
)

// The elements of a JUnit report, as far as the readers of such reports agree
// on them.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   junitSuite
	}
	junitSuite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Cases    []junitCase
	}
	junitCase struct {
		XMLName xml.Name     `xml:"testcase"`
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Time    string       `xml:"time,attr"`
		Failure *junitReason `xml:"failure"`
		Error   *junitReason `xml:"error"`
		Skipped *junitReason `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
	}
	junitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// PlanJUnit writes a plan as a test report with a case for each resource. What
// is blocked has failed; of drift, what is not as wanted.
func PlanJUnit(w io.Writer, p *plan.Plan, s Style) error {
	suite := junitSuite{Name: "fleet " + p.Fleet}
	for _, step := range p.Steps {
		c := newJUnitCase(p.Fleet, step)
		if step.Action != plan.NoOp || step.RetainedReason != "" {
			c.Out = stepText(step, s)
		}
		switch at := levelOf(step, s); {
		case at == levelError, s.Drift && at == levelWarning:
			c.Failure = junitFailure(step, s)
		case s.Drift && at == levelNotice:
			c.Skipped = &junitReason{Message: "expected: it goes by itself"}
		}
		suite.add(c)
	}
	return suite.write(w)
}

// junitFailure is why a resource is not as it should be.
func junitFailure(step *plan.Step, s Style) *junitReason {
	r := &junitReason{Message: singleEntry(step).summaryLine(s), Type: string(step.Drift), Text: stepText(step, s)}
	if step.Blocked != nil {
		r.Message, r.Type = printable(step.Blocked.Reason), string(step.Blocked.Kind)
	}
	return r
}

// ReportJUnit writes how a plan was carried out as a test report with a case
// for each resource, those included that were as wanted.
func ReportJUnit(w io.Writer, p *plan.Plan, r *apply.Report) error {
	suite := junitSuite{Name: "fleet " + p.Fleet, Time: junitTime(r.Duration)}
	results := map[spec.Address]*apply.Result{}
	for i := range r.Results {
		results[r.Results[i].Step.Address] = &r.Results[i]
	}
	for _, step := range p.Steps {
		c := newJUnitCase(p.Fleet, step)
		if x := results[step.Address]; x != nil {
			c.Time, c.Out = junitTime(x.Duration), resultDetails(x)
			reason := &junitReason{Message: printable(outcomeReason(x.Outcome, x.Err)), Type: string(x.Outcome)}
			switch x.Outcome {
			case apply.Failed, apply.RolledBack:
				c.Failure = reason
			case apply.Interrupted:
				c.Error = reason
			case apply.Skipped:
				c.Skipped = &junitReason{Message: reason.Message}
			}
		}
		suite.add(c)
	}
	return suite.write(w)
}

// resultDetails are what else is known of a step that was not done.
func resultDetails(x *apply.Result) string {
	var lines []string
	if x.Outcome == apply.Done {
		return ""
	}
	if x.State != "" {
		lines = append(lines, "left in state "+printable(x.State))
	}
	if x.RequestLog.Retries > 0 {
		lines = append(lines, requestSummary(x.RequestLog))
	}
	if len(x.RequestLog.RequestIDs) > 0 {
		lines = append(lines, "last requests: "+printable(strings.Join(x.RequestLog.RequestIDs, ", ")))
	}
	return strings.Join(lines, "\n")
}

func newJUnitCase(fleet string, s *plan.Step) junitCase {
	pos := stepPosition(s)
	return junitCase{Class: fleet + "." + string(s.Address.Kind), Name: s.Address.String(), File: filepath.ToSlash(pos.File), Line: pos.Line, Time: junitTime(0)}
}

func (s *junitSuite) add(c junitCase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// write writes the report. Characters that XML cannot hold are replaced.
func (s *junitSuite) write(w io.Writer) error {
	if s.Time == "" {
		s.Time = junitTime(0)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: *s}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}

func junitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
