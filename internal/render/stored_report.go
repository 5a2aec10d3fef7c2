package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"fleet/apply"
	"fleet/internal/render/steps"
	"fleet/internal/render/term"
)

// WriteTable writes a table of the results of a run. Members of a group that ended
// the same way share a row.
func (p *StoredReport) WriteTable(w io.Writer, s Style) error {
	head := "Fleet " + term.Printable(p.Fleet)
	if !p.Start.IsZero() {
		head += ", run of " + p.Start.Local().Format(time.DateTime)
	}
	if p.Error != "" {
		_, err := fmt.Fprintf(w, "%s: no plan was made: %s\n", head, term.IndentLines(term.CleanLines(p.Error)))
		return err
	}
	if len(p.Results) == 0 {
		_, err := fmt.Fprintf(w, "%s: no changes.\n", head)
		return err
	}
	fmt.Fprintf(w, "%s:\n", head)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADDRESS\tACTION\tOUTCOME\tTOOK\tSTATE\tREASON")
	for _, e := range steps.ResultEntries(p.Results, true, s.Full) {
		reason, _, _ := strings.Cut(e.Reason, "\n")
		fmt.Fprintln(table, term.TabbedRow(
			steps.AddressRange(e.Steps, steps.MaxTitleLineWidth), e.Step.Action.String(), string(e.Outcome), durationRange(e), cmp.Or(e.State, "-"), cmp.Or(reason, "-"),
		))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	writeReportSummary(w, &p.Report, p.Count(apply.Done) == len(p.Results), s)
	return nil
}

// durationRange returns the durations of the steps.
func durationRange(e *steps.ResultEntry) string {
	least, most := FormatDuration(e.Duration), FormatDuration(e.MaxDuration)
	switch {
	case e.MaxDuration == 0:
		return "-"
	case least == most:
		return most
	}
	return least + " to " + most
}
