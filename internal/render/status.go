package render

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"fleet/internal/render/term"
	"fleet/internal/status"
	"fleet/plan"
	"fleet/spec"
)

// A statusColumn is a column of the table of objects.
type statusColumn struct {
	head string
	cell func(status.Row) string
	wide bool // only in the wide format
	cost bool // only if the spec has prices
}

var statusColumns = []statusColumn{
	{head: "ADDRESS", cell: func(r status.Row) string { return cmp.Or(r.Address, "("+r.Kind+")") }},
	{head: "NAME", cell: func(r status.Row) string { return r.Name }},
	{head: "STATE", cell: stateCell},
	{head: "OWNER", cell: ownerCell},
	{head: "REGION", cell: func(r status.Row) string { return r.Region }, wide: true},
	{head: "SNAPSHOT", cell: func(r status.Row) string { return r.Snapshot }, wide: true},
	{head: "AGE", cell: func(r status.Row) string { return agoCell(r.Created, r.AgeSeconds) }, wide: true},
	{head: "LAST USE", cell: func(r status.Row) string { return agoCell(r.LastActive, r.IdleSeconds) }, wide: true},
	{head: "COST/HOUR", cell: costCell, wide: true, cost: true},
	{head: "ID", cell: func(r status.Row) string { return r.ID }},
}

var noteColumn = statusColumn{head: "NOTE", cell: func(r status.Row) string { return r.Note }}

func statusText(w io.Writer, s Status) error { return writeStatus(w, s, false) }
func statusWide(w io.Writer, s Status) error { return writeStatus(w, s, true) }

// writeStatus writes a table of objects, and counts of them if there are several. The
// column of notes is left out if no object has one.
func writeStatus(w io.Writer, s Status, wide bool) error {
	if len(s.Rows) == 0 {
		text := "No objects found."
		if s.Selected {
			text = "No objects match the selection."
		}
		_, err := fmt.Fprintln(w, text)
		return err
	}
	columns := slices.DeleteFunc(slices.Clone(statusColumns), func(c statusColumn) bool { return c.wide && !wide || c.cost && s.Prices == nil })
	if slices.ContainsFunc(s.Rows, func(r status.Row) bool { return r.Note != "" }) {
		columns = append(columns, noteColumn)
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	cells := make([]string, len(columns))
	for i, c := range columns {
		cells[i] = c.head
	}
	fmt.Fprintln(table, strings.Join(cells, "\t"))
	for _, r := range s.Rows {
		for i, c := range columns {
			cells[i] = cmp.Or(c.cell(r), "-")
		}
		fmt.Fprintln(table, term.TabbedRow(cells...))
	}
	if err := table.Flush(); err != nil || len(s.Rows) == 1 {
		return err
	}
	return s.writeCounts(w, wide)
}

// writeCounts writes the number of objects of each kind and group, by state, and with
// costs what they cost.
func (s Status) writeCounts(w io.Writer, costs bool) error {
	if _, err := fmt.Fprintln(w); err != nil {
		return err
	}
	for _, c := range status.CountRows(s.Rows) {
		what := "  " + c.Of + ": " + plan.FormatInt(c.Total)
		if kind := spec.Kind(c.Of); slices.Contains(spec.ObjectKinds, kind) {
			what = plan.FormatInt(c.Total) + " " + plan.PluralWord(c.Total, c.Of, kind.Section())
		}
		cost := ""
		if costs && c.CostPerHour != nil {
			cost = ", " + s.costText(c)
		}
		if _, err := fmt.Fprintf(w, "%s (%s)%s\n", term.Printable(what), term.Printable(statesText(c)), cost); err != nil {
			return err
		}
	}
	return nil
}

// costText returns the cost of a kind or group.
func (s Status) costText(c status.Count) string {
	text := FormatMoney(*c.CostPerHour, s.currency()) + " an hour"
	if c.UnknownCosts > 0 {
		text += fmt.Sprintf(" without %s of unknown cost", plan.FormatInt(c.UnknownCosts))
	}
	return text
}

// costCell returns the cost of a sandbox; "" for other objects.
func costCell(r status.Row) string {
	switch {
	case r.CostPerHour != nil:
		return FormatMoney(*r.CostPerHour, "")
	case r.Kind == string(spec.SandboxKind):
		return "unknown"
	}
	return ""
}

// statesText returns the numbers of objects in each state, the most frequent state first.
func statesText(c status.Count) string {
	states := slices.SortedFunc(maps.Keys(c.States), func(a, b string) int {
		return cmp.Or(cmp.Compare(c.States[b], c.States[a]), strings.Compare(a, b))
	})
	for i, s := range states {
		states[i] = plan.FormatInt(c.States[s]) + " " + s
	}
	return strings.Join(states, ", ")
}

// agoCell returns the time since a moment, or "" if the moment is not known.
func agoCell(t time.Time, seconds int64) string {
	if t.IsZero() {
		return ""
	}
	return plan.FormatDuration(time.Duration(seconds) * time.Second)
}

// stateCell returns the state of an object, with the first line of its error.
func stateCell(r status.Row) string {
	if r.Error == "" {
		return r.State
	}
	line, _, _ := strings.Cut(r.Error, "\n")
	return r.State + ": " + line
}

// ownerCell returns the owner of an object and, unless it is labels, what the
// ownership follows from.
func ownerCell(r status.Row) string {
	switch {
	case r.Owner == "":
		return "-"
	case r.OwnedBy != "" && r.OwnedBy != "labels":
		return r.Owner + " (by " + r.OwnedBy + ")"
	}
	return r.Owner
}
