package render

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"runtime"

	"fleet/apply"
	"fleet/internal/doctor"
	"fleet/internal/render/ci"
	"fleet/internal/specdoc"
	"fleet/internal/status"
	"fleet/spec"
)

// The writers of the table of formats for plans and runs.

func planDocumentText(w io.Writer, d *Document) error {
	Plan(w, d.Plan, d.Style)
	return nil
}

func planJSONDocument(w io.Writer, d *Document) error { return PlanJSON(w, d.Plan) }
func planJUnit(w io.Writer, d *Document) error        { return PlanJUnit(w, d.Plan, d.Style, d.Workspace) }

func planGitHub(w io.Writer, d *Document) error  { return PlanGitHub(w, d.Plan, d.Style, d.Workspace) }
func planDOT(w io.Writer, d *Document) error     { return PlanDOT(w, d.Plan, d.Style) }
func planMermaid(w io.Writer, d *Document) error { return PlanMermaid(w, d.Plan, d.Style) }

func planSARIF(w io.Writer, d *Document) error {
	return PlanSARIF(w, d.Plan, d.SpecFile, d.Version, d.Style, d.Workspace)
}

func driftText(w io.Writer, d *Document) error {
	Drift(w, d.Plan, d.Unmanaged, d.Style)
	return nil
}

func driftJSONDocument(w io.Writer, d *Document) error {
	return writeDriftJSON(w, changesVersion, d.Plan, d.Unmanaged)
}

// reportDocumentText writes a plan and how its run ended.
func reportDocumentText(w io.Writer, d *Document) error {
	Plan(w, d.Plan, d.Style)
	if len(d.Report.Results) > 0 {
		WriteHeading(w, d.Plan, Style{})
		Report(w, d.Report, Style{})
	}
	return nil
}

func reportJSONDocument(w io.Writer, d *Document) error { return ReportJSON(w, d.Plan, d.Report) }

func driftMarkdown(w io.Writer, d *Document) error {
	return DriftMarkdown(w, d.Plan, d.Unmanaged, d.Style)
}

// planMarkdown writes a plan, or what gc found with its plan.
func planMarkdown(w io.Writer, d *Document) error {
	if d.GC != nil {
		return GCMarkdown(w, d.Plan, d.GC, d.Style)
	}
	return PlanMarkdown(w, d.Plan, d.Style)
}

// reportMarkdown writes how a run of a plan, or of gc, ended.
func reportMarkdown(w io.Writer, d *Document) error {
	if d.GC != nil {
		return GCReportMarkdown(w, d.Plan, d.GC, d.Report)
	}
	return ReportMarkdown(w, d.Plan, d.Report)
}

func reportJUnit(w io.Writer, d *Document) error {
	return ReportJUnit(w, d.Plan, d.Report, d.Workspace)
}

func reportGitHub(w io.Writer, d *Document) error { return ReportGitHub(w, d.Report, d.Workspace) }

// refusedEvents writes the events of a plan that was not run.
func refusedEvents(w io.Writer, d *Document) error {
	r := d.Report
	if r == nil {
		r = &apply.Report{}
	}
	return NewEventWriter(w, d.Plan.Fleet).Refused(d.Plan, r)
}

func gcJSONDocument(w io.Writer, d *Document) error {
	return writeGCJSON(w, changesVersion, d.GC, d.Plan)
}

// A Validation is what fleet validate found.
type Validation struct {
	Diagnostics spec.Diagnostics
	Version     string       // of fleet, for SARIF
	Style       Style        // of text
	Workspace   ci.Workspace // that annotations and SARIF name files in
}

func validationText(w io.Writer, v Validation) error {
	Diagnostics(w, v.Diagnostics, v.Style)
	return nil
}

func validationJSONDocument(w io.Writer, v Validation) error {
	return DiagnosticsJSON(w, v.Diagnostics)
}

func validationSARIF(w io.Writer, v Validation) error {
	return DiagnosticsSARIF(w, v.Diagnostics, v.Version, v.Workspace)
}

func validationGitHub(w io.Writer, v Validation) error {
	return DiagnosticsGitHub(w, v.Diagnostics, v.Workspace)
}

// An Examination is what fleet doctor found.
type Examination struct {
	Fleet  string
	Checks []doctor.Check
	Style  Style // of text
}

func doctorText(w io.Writer, x Examination) error {
	Checks(w, x.Checks, x.Style)
	return nil
}

func doctorJSONDocument(w io.Writer, x Examination) error { return ChecksJSON(w, x.Fleet, x.Checks) }

// A Status lists existing objects.
type Status struct {
	Fleet    string
	Rows     []status.Row
	Prices   *spec.Prices // of the costs; nil if the spec sets none
	Selected bool         // flags selected the rows, so that none does not mean that nothing exists
}

// statusJSON is what fleet status prints as JSON.
type statusJSON struct {
	Version  int            `json:"version"`
	Fleet    string         `json:"fleet"`
	Currency string         `json:"currency,omitempty"` // of the costs; empty if the prices of the spec have none
	Objects  []status.Row   `json:"objects"`
	Counts   []status.Count `json:"counts"`
}

func statusJSONDocument(w io.Writer, s Status) error {
	return json.NewEncoder(w).Encode(statusJSON{jsonVersion, s.Fleet, s.currency(), s.Rows, status.CountRows(s.Rows)})
}

// currency returns the currency of the costs; "" if the prices have none.
func (s Status) currency() string {
	if s.Prices == nil {
		return ""
	}
	return s.Prices.Currency
}

func lastText(w io.Writer, p *StoredReport) error { return p.WriteTable(w, p.Style) }

// lastJSON writes the report as it was stored, with the fields that this version
// does not know.
func lastJSON(w io.Writer, p *StoredReport) error { return writeJSON(w, p.Text) }

// An Explanation is one topic of the reference, or all of them if Topic is nil.
type Explanation struct {
	Topic       *specdoc.Topic
	Kinds, Keys []*specdoc.Topic // kinds of resources, and keys at the top of a spec; read if Topic is nil
	Style       Style            // of text
}

func explainText(w io.Writer, x Explanation) error {
	if x.Topic == nil {
		Topics(w, x.Kinds, x.Keys, x.Style)
	} else {
		Topic(w, x.Topic, x.Style)
	}
	return nil
}

func explainJSON(w io.Writer, x Explanation) error {
	if x.Topic == nil {
		return TopicsJSON(w, x.Kinds, x.Keys)
	}
	return TopicJSON(w, x.Topic)
}

// A Config is a resolved spec.
type Config struct {
	Fleet   *spec.Fleet
	Encoder spec.Encoder // how it is written
}

func configYAML(w io.Writer, c Config) error { return c.Encoder.Encode(w, c.Fleet) }

func configJSON(w io.Writer, c Config) error {
	root, err := c.Encoder.Node(c.Fleet)
	if err != nil {
		return err
	}
	var v any
	if err := root.Decode(&v); err != nil {
		return fmt.Errorf("writing the spec: %w", err)
	}
	return writeJSON(w, v)
}

// A Build is the version of the program.
type Build struct {
	Version  string
	Commit   string // hexadecimal, perhaps shortened; empty if the build does not record it
	Date     string // of the commit, in RFC 3339; empty if the build does not record it
	Modified bool   // whether the files differed from the commit
}

func versionText(w io.Writer, b Build) error {
	remark := ""
	switch {
	case b.Modified:
		remark = ", modified"
	case b.Commit == "" && b.Date == "":
		remark = ": built without its git history, or with -buildvcs=false; make build records them"
	}
	_, err := fmt.Fprintf(w, "fleet %s (%s, %s/%s)\ncommit %s, date %s%s\n", b.Version, runtime.Version(), runtime.GOOS, runtime.GOARCH,
		cmp.Or(b.Commit, "unknown"), cmp.Or(b.Date, "unknown"), remark)
	return err
}

func versionJSON(w io.Writer, b Build) error {
	fields := map[string]any{"version": b.Version, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH}
	if b.Commit != "" {
		fields["commit"], fields["modified"] = b.Commit, b.Modified
	}
	if b.Date != "" {
		fields["date"] = b.Date
	}
	return json.NewEncoder(w).Encode(fields)
}
