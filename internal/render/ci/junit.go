package ci

import (
	"encoding/xml"
	"fmt"
	"io"
	"time"
)

// The elements of a JUnit report that its readers agree on.
type (
	junitSuites struct {
		XMLName xml.Name `xml:"testsuites"`
		Suite   JUnitSuite
	}
	JUnitSuite struct {
		XMLName  xml.Name `xml:"testsuite"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Skipped  int      `xml:"skipped,attr"`
		Time     string   `xml:"time,attr"`
		Cases    []JUnitCase
	}
	JUnitCase struct {
		XMLName xml.Name     `xml:"testcase"`
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		File    string       `xml:"file,attr,omitempty"`
		Line    int          `xml:"line,attr,omitempty"`
		Time    string       `xml:"time,attr"`
		Failure *JUnitReason `xml:"failure"`
		Error   *JUnitReason `xml:"error"`
		Skipped *JUnitReason `xml:"skipped"`
		Out     string       `xml:"system-out,omitempty"`
	}
	JUnitReason struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
	}
)

// Add adds a case and counts it.
func (s *JUnitSuite) Add(c JUnitCase) {
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

// Write writes the report. Characters that XML cannot hold are replaced.
func (s *JUnitSuite) Write(w io.Writer) error {
	if s.Time == "" {
		s.Time = JUnitTime(0)
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

// JUnitTime returns a duration in seconds, as JUnit writes it.
func JUnitTime(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }
