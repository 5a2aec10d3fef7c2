package render

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"fleet/internal/render/term"
	"fleet/internal/status"
)

// statusText writes a table of objects. The column of notes is left out if no
// object has one.
func statusText(w io.Writer, s Status) error {
	if len(s.Rows) == 0 {
		_, err := fmt.Fprintln(w, "No objects found.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	head := "ADDRESS\tNAME\tSTATE\tOWNER\tID"
	noted := slices.ContainsFunc(s.Rows, func(r status.Row) bool { return r.Note != "" })
	if noted {
		head += "\tNOTE"
	}
	fmt.Fprintln(table, head)
	for _, r := range s.Rows {
		line := []string{cmp.Or(r.Address, "("+r.Kind+")"), r.Name, stateCell(r), ownerCell(r), r.ID}
		if noted {
			line = append(line, cmp.Or(r.Note, "-"))
		}
		fmt.Fprintln(table, term.TabbedRow(line...))
	}
	return table.Flush()
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
