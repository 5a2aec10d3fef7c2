package render

import (
	"cmp"
	"fmt"
	"io"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"fleet/internal/render/term"
	"fleet/internal/status"
	"fleet/plan"
)

// Snapshots are what fleet snapshots lists.
type Snapshots struct {
	Fleet string
	Rows  []status.Snapshot
}

// snapshotsJSON is what fleet snapshots prints as JSON.
type snapshotsJSON struct {
	Version   int               `json:"version"`
	Fleet     string            `json:"fleet"`
	Snapshots []status.Snapshot `json:"snapshots"`
}

func snapshotsJSONDocument(w io.Writer, s Snapshots) error {
	return writeJSON(w, snapshotsJSON{jsonVersion, s.Fleet, s.Rows})
}

// snapshotsText writes a table of snapshots.
func snapshotsText(w io.Writer, s Snapshots) error {
	if len(s.Rows) == 0 {
		_, err := fmt.Fprintln(w, "No snapshots found.")
		return err
	}
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ADDRESS\tNAME\tROLE\tSTATE\tUSERS\tAGE\tSIZE")
	for _, r := range s.Rows {
		age := plan.FormatDuration(time.Duration(r.AgeSeconds) * time.Second)
		fmt.Fprintln(table, term.TabbedRow(cmp.Or(r.Address, "-"), r.Name, string(r.Role), snapshotState(r), snapshotUsers(r), age, snapshotSize(r)))
	}
	return table.Flush()
}

// snapshotState returns the state of a snapshot, with the first line of its error.
func snapshotState(r status.Snapshot) string {
	return stateCell(status.Row{State: r.State, Error: r.Error})
}

// maxSnapshotUsers is the number of sandboxes that a row lists.
const maxSnapshotUsers = 3

// snapshotUsers returns the sandboxes of the fleet that use a snapshot, and the number of
// others.
func snapshotUsers(r status.Snapshot) string {
	var parts []string
	for i, a := range r.Users {
		if i == maxSnapshotUsers {
			parts = append(parts, fmt.Sprintf("%d more", len(r.Users)-i))
			break
		}
		parts = append(parts, strings.TrimPrefix(a, "sandbox."))
	}
	if r.OtherUsers > 0 {
		parts = append(parts, plan.Plural(r.OtherUsers, "sandbox of others", "sandboxes of others"))
	}
	return cmp.Or(strings.Join(parts, ", "), "-")
}

// snapshotSize returns the size of a snapshot in GB.
func snapshotSize(r status.Snapshot) string {
	if r.SizeGB <= 0 {
		return "-"
	}
	return strconv.FormatFloat(r.SizeGB, 'f', 2, 64) + " GB"
}
