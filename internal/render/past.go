package render

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"fleet/apply"
)

// Show writes a table of what became of the steps of a run. Copies of a
// group that ended alike have one row.
func (p *Past) Show(w io.Writer, s Style) error {
	head := "Fleet " + printable(p.Fleet)
	if !p.Began.IsZero() {
		head += ", run of " + p.Began.Local().Format(time.DateTime)
	}
	if p.Error != "" {
		_, err := fmt.Fprintf(w, "%s: it came to no plan: %s\n", head, indent(paragraph(p.Error)))
		return err
	}
	if len(p.Results) == 0 {
		_, err := fmt.Fprintf(w, "%s: there was nothing to do.\n", head)
		return err
	}
	fmt.Fprintf(w, "%s:\n", head)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADDRESS\tACTION\tOUTCOME\tTOOK\tSTATE\tWHY")
	for _, e := range endings(p.Results, true, s.Full) {
		reason, _, _ := strings.Cut(e.reason, "\n")
		fmt.Fprintln(table, Cells(
			copies(e.steps, wideTitles), e.Step.Action.String(), string(e.Outcome), e.took(), cmp.Or(e.State, "-"), cmp.Or(reason, "-"),
		))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	conclusion(w, &p.Report, p.Count(apply.Done) == len(p.Results), s)
	return nil
}

// took is how long the steps took.
func (e *ending) took() string {
	least, most := short(e.Took), short(e.most)
	switch {
	case e.most == 0:
		return "-"
	case least == most:
		return most
	}
	return least + " to " + most
}
