// Package stored turns documents that fleet has written into the state that the page of a
// watch shows: the report of a run, a plan, and the list of existing objects.
package stored

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"fleet/internal/journal"
	"fleet/internal/render"
	"fleet/internal/status"
	"fleet/plan"
)

// A Document is the content of a file.
type Document struct {
	Name string // of the file, for errors
	Text []byte
}

// State returns the state that shows the documents together. They are about one fleet, and
// at most one of each kind. version is that of fleet. The error names everything that is
// wrong.
func State(version string, documents []Document) (journal.State, error) {
	b := &builder{objects: map[string]*journal.Object{}, from: map[string]string{}}
	b.state.Head = journal.Head{Version: version}
	var read []reader
	for _, d := range documents {
		r, err := b.read(d)
		if err != nil {
			b.errors = append(b.errors, err)
			continue
		}
		read = append(read, r)
	}
	if err := errors.Join(b.errors...); err != nil {
		return journal.State{}, err
	}
	return b.build(read), nil
}

// A reader adds what a document holds to the state. Documents that know more of an object
// have a higher rank, and are added later.
type reader struct {
	rank int
	add  func()
}

// read parses a document. Its kind follows from its fields.
func (b *builder) read(d Document) (reader, error) {
	var fields struct{ Results, Steps, Objects, Spec json.RawMessage }
	if err := json.Unmarshal(d.Text, &fields); err != nil {
		return reader{}, fmt.Errorf("%s: it is not JSON that fleet has written: %w", d.Name, err)
	}
	switch {
	case fields.Results != nil:
		return b.readReport(d)
	case fields.Steps != nil && fields.Spec != nil:
		return b.readSaved(d)
	case fields.Steps != nil:
		return b.readPlan(d)
	case fields.Objects != nil:
		return b.readStatus(d)
	}
	return reader{}, fmt.Errorf("%s: it is not a report, a plan or a status; write one with --report FILE, or with fleet plan -o json or fleet status -o json", d.Name)
}

func (b *builder) readReport(d Document) (reader, error) {
	report, err := render.ReadReport(d.Text)
	if err != nil {
		return reader{}, fmt.Errorf("%s: it is not a report of fleet: %w", d.Name, err)
	}
	var place plan.Plan // the report has the same fields
	if err := json.Unmarshal(d.Text, &location{&place.Environment, &place.Server, &place.Organization}); err != nil {
		return reader{}, fmt.Errorf("%s: it is not a report of fleet: %w", d.Name, err)
	}
	place.Fleet = report.Fleet
	return reader{2, func() { b.addReport(report) }}, b.about("report", d.Name, &place)
}

// A location is decoded from the fields of a report that identify where the fleet is.
type location struct {
	Environment  *string `json:"environment"`
	Server       *string `json:"server"`
	Organization *string `json:"organization"`
}

func (b *builder) readSaved(d Document) (reader, error) {
	saved, err := plan.ReadSaved(d.Text)
	if err != nil {
		return reader{}, fmt.Errorf("%s: %w", d.Name, err)
	}
	p := saved.Plan()
	p.ObservedAt = saved.Created
	var text strings.Builder
	render.Plan(&text, p, render.Style{})
	return reader{1, func() { b.addPlan(p, text.String()) }}, b.about("plan", d.Name, p)
}

func (b *builder) readPlan(d Document) (reader, error) {
	p, err := render.ReadPlan(d.Text)
	if err != nil {
		return reader{}, fmt.Errorf("%s: it is not a plan of fleet: %w", d.Name, err)
	}
	return reader{1, func() { b.addPlan(p, stepTexts(p.Steps)) }}, b.about("plan", d.Name, p)
}

func (b *builder) readStatus(d Document) (reader, error) {
	var s struct {
		Fleet   string
		Objects []status.Row
	}
	if err := json.Unmarshal(d.Text, &s); err != nil {
		return reader{}, fmt.Errorf("%s: it is not a status of fleet: %w", d.Name, err)
	}
	return reader{3, func() { b.addStatus(s.Objects) }}, b.about("status", d.Name, &plan.Plan{Fleet: s.Fleet})
}
