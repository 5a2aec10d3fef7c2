package cli

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"fleet/internal/observe"
	"fleet/internal/render"
	"fleet/plan"
	"fleet/spec"
)

// A row is one object in the status.
type statusRow struct {
	Address string `json:"address,omitempty"` // empty for what is not the fleet's
	Kind    string `json:"kind"`
	Name    string `json:"name"`
	State   string `json:"state"`
	Owner   string `json:"owner,omitempty"`    // the fleet; empty for nobody's, as far as that can be told
	OwnedBy string `json:"owned_by,omitempty"` // what makes it the owner's: labels, name or owns
	ID      string `json:"id"`
	Error   string `json:"error,omitempty"`
	Note    string `json:"note,omitempty"` // where it is not what the spec declares
}

func (a *app) statusCommand() *cobra.Command {
	var output string
	var all, last bool
	cmd := &cobra.Command{
		Use:   "status [FILE]",
		Short: "List existing objects with their owners and states",
		Long: `Lists the fleet's sandboxes and the snapshots and volumes that the spec
declares; with --all list everything in the organisation, with its owner.

Sandboxes belong to a fleet by their labels. Snapshots and volumes have none: they
are the fleet's by their names only, those that the spec declares or that its owns:
and removed: cover. Somebody else may have made them, which nothing tells.

With --last it shows instead how the last apply, destroy or watch of the fleet on
this machine ended, or the run of FILE, which --report wrote. That needs no
credentials and sends nothing.`,
		Example: `  fleet status
  fleet status --all -o json
  fleet status --last
  fleet status --last report.json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			a.specFlags.unset = spec.UnsetAll
			switch {
			case last && all:
				return invalid("--last and --all exclude each other")
			case last:
				return a.showLastReport(cmd.Context(), args, output)
			case len(args) > 0:
				return invalid("status takes a file only with --last")
			}
			f, s, err := a.loadAndOpen(cmd.Context())
			if err != nil {
				return err
			}
			defer s.close()
			rows, err := a.status(cmd.Context(), s, f, all)
			if err != nil {
				return err
			}
			if output == "json" {
				return json.NewEncoder(a.Out).Encode(map[string]any{"version": 1, "fleet": f.Name, "objects": rows})
			}
			return a.writeStatus(rows)
		},
	}
	a.outputFlag(cmd, &output)
	cmd.Flags().BoolVar(&last, "last", false, "show the result of the last run, or of the run in FILE")
	cmd.Flags().BoolVar(&all, "all", false, "list everything in the organisation")
	return cmd
}

// status gathers the rows, ours first.
func (a *app) status(ctx context.Context, s *session, f *spec.Fleet, all bool) ([]statusRow, error) {
	world, err := observe.Observe(ctx, s.Client, observe.Scope{Fleet: f, Organization: all})
	if err != nil {
		return nil, err
	}
	rows := []statusRow{}
	for _, kind := range spec.ObjectKinds {
		declared, ownership := f.ByName(kind), world.Ownerships(f)
		for _, o := range world.Objects[kind] {
			r := statusRow{Kind: string(kind), Name: o.Name, State: o.State, ID: o.ID}
			if o.Failed {
				r.Error = f.Redact(string(o.ErrorReason))
			}
			r.Address, r.Owner, r.OwnedBy = ownerOf(f, declared[o.Name], ownership[o], kind, o)
			switch {
			case kind == spec.SandboxKind && r.Address != "":
				r.Note = sandboxNote(f, o)
			case ownership[o].Role == plan.RoleCopy:
				r.Note = fmt.Sprintf("a fork, probably, with the labels of sandbox.%s of the fleet %s", o.Labels[spec.KeyLabel], o.Labels[spec.FleetLabel])
			}
			if all || r.Address != "" {
				rows = append(rows, r)
			}
		}
	}
	rows = append(rows, deletingRows(f, world, all)...)
	slices.SortStableFunc(rows, func(a, b statusRow) int {
		switch {
		case (a.Address == "") != (b.Address == ""):
			return strings.Compare(b.Address, a.Address)
		case a.Kind == b.Kind:
			return spec.CompareKeys(a.Address, b.Address)
		}
		return 0
	})
	return rows, nil
}

// deletingRows are the rows of sandboxes whose deletion has not ended: those of the
// fleet, or with all everybody's.
func deletingRows(f *spec.Fleet, world *plan.World, all bool) []statusRow {
	var rows []statusRow
	for _, o := range world.Deleting {
		r := statusRow{Kind: string(spec.SandboxKind), Name: o.Name, State: o.State, ID: o.ID, Owner: o.Fleet(), Note: "its deletion has not ended; its name is free"}
		if r.Owner != "" {
			r.OwnedBy = "labels"
		}
		if f.HasName(o.Fleet()) {
			r.Address = spec.Address{Kind: spec.SandboxKind, Key: o.Key()}.String()
		}
		if all || r.Address != "" {
			rows = append(rows, r)
		}
	}
	return rows
}

// ownerOf is the address of an object of the fleet, the fleet that owns it, and
// what makes it so. r is the resource of the spec with its name, or nil.
func ownerOf(f *spec.Fleet, r *spec.Resource, s plan.Ownership, kind spec.Kind, o *plan.Object) (address, fleet, by string) {
	switch {
	case s.Owned():
		return spec.Address{Kind: kind, Key: o.Key()}.String(), s.Owner, "labels"
	case s.Role == plan.RoleOtherFleet:
		return "", s.Owner, "labels"
	case kind == spec.SandboxKind:
		return "", "", ""
	case o.Shared:
		return "", "daytona", ""
	}
	if r != nil {
		return r.String(), f.Name, "name"
	}
	if f.Owned(kind, o.Name) {
		return "", f.Name, "owns"
	}
	return "", "", ""
}

// sandboxNote tells of a sandbox of the fleet what the spec says of it that its labels
// do not say yet, and what stays of one that the spec does not declare.
func sandboxNote(f *spec.Fleet, o *plan.Object) string {
	var parts []string
	at := spec.Address{Kind: spec.SandboxKind, Key: o.Labels[spec.KeyLabel]}
	now := f.CurrentAddress(at)
	if now != at {
		parts = append(parts, "moves to "+now.String())
	}
	declared := slices.ContainsFunc(f.Resources, func(r *spec.Resource) bool { return r.Address == now })
	if o.Unfinished() {
		parts = append(parts, "not found ready yet")
	}
	switch {
	case f.IsReleased(at):
		parts = append(parts, "to be released")
	case !declared:
		parts = append(parts, "not in the spec, on_remove: "+o.OnRemove())
	}
	return strings.Join(parts, "; ")
}

func (a *app) writeStatus(rows []statusRow) error {
	if len(rows) == 0 {
		fmt.Fprintln(a.Out, "There is nothing of this fleet.")
		return nil
	}
	w := tabwriter.NewWriter(a.Out, 0, 0, 2, ' ', 0)
	head := "ADDRESS\tNAME\tSTATE\tOWNER\tID"
	noted := slices.ContainsFunc(rows, func(r statusRow) bool { return r.Note != "" })
	if noted {
		head += "\tNOTE"
	}
	fmt.Fprintln(w, head)
	for _, r := range rows {
		address, state, ownerCell := r.Address, r.State, r.Owner
		if address == "" {
			address = "(" + r.Kind + ")"
		}
		switch {
		case ownerCell == "":
			ownerCell = "-"
		case r.OwnedBy != "" && r.OwnedBy != "labels":
			ownerCell += " (by " + r.OwnedBy + ")"
		}
		if r.Error != "" {
			state += ": " + strings.SplitN(r.Error, "\n", 2)[0]
		}
		line := []string{address, r.Name, state, ownerCell, r.ID}
		if noted {
			line = append(line, cmp.Or(r.Note, "-"))
		}
		fmt.Fprintln(w, render.TabbedRow(line...))
	}
	return w.Flush()
}
