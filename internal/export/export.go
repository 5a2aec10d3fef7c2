package export

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// Options say what to export and how. The zero Options export all that there
// is, and adopt nothing.
type Options struct {
	Name    string // of the fleet; empty: that of the exported sandboxes, if it is one, else exported
	Adopt   bool   // take over sandboxes that no fleet owns
	State   bool   // keep the run states as they are
	Secrets SecretMode
	Header  string // comment at the top of the spec

	// AppendTo is a spec to which the result is to be added: it is written without
	// a version and a name, without what that declares, and under keys that are
	// free there. nil writes a spec of its own.
	AppendTo *spec.Fleet

	// A selection: sandboxes that satisfy all of it that is given. With one, only
	// the snapshots and volumes are exported that these use.
	Names    []string          // names, or patterns as of path.Match
	Fleet    string            // owned by this fleet
	Selector map[string]string // labels
	States   []string          // any of these

	// Progress is told how many of the chosen sandboxes have been read; nil is
	// not told. It is called by one goroutine at a time.
	Progress func(done, of int)
}

// A Result is an exported spec.
type Result struct {
	Fleet     string            // its name
	Text      []byte            // the spec
	Resources int               // how many it declares, replicas included
	Variables map[string]string // values of the secrets that the spec refers to, by environment variable
	Notes     []string          // what was left out and what a plan of the spec will do, for a reader
}

// A OptionsError says what is wrong with the options.
type OptionsError struct{ Message string }

func (e *OptionsError) Error() string { return e.Message }

// Run exports. The error is a [*OptionsError] when the options ask for what is
// not there, or name the fleet as none can be named.
func Run(ctx context.Context, api *client.Client, opts Options) (*Result, error) {
	c := &selection{opts: opts, notes: &notes{}}
	if err := c.checkName(opts.Name); err != nil {
		return nil, err
	}
	onRead := countProgress(opts.Progress, &c.selected)
	world, err := observe.Observe(ctx, api, observe.Scope{Organization: true, Select: c.selectSandboxes, Progress: onRead})
	if err != nil {
		return nil, err
	}
	if c.err != nil {
		return nil, c.err
	}
	return write(world, c)
}

// write makes the spec of what was chosen.
func write(world *plan.World, c *selection) (*Result, error) {
	d := newDraft(world, c)
	d.draftResources()
	last, err := d.converge()
	if err != nil {
		return nil, err
	}
	vars := newVariables()
	encoder := spec.Encoder{
		Header: c.opts.Header, HoistRegion: c.opts.AppendTo == nil, Bare: c.opts.AppendTo != nil,
		Environment: d.environment(), Secret: c.opts.Secrets.encoder(vars),
	}
	var text bytes.Buffer
	if err := encoder.Encode(&text, d.fleet()); err != nil {
		return nil, fmt.Errorf("writing the spec: %w", err)
	}
	d.notePlan(last)
	d.noteVariables(vars)
	return &Result{
		Fleet: c.fleetName, Text: text.Bytes(), Resources: len(d.resources),
		Variables: vars.values, Notes: c.notes.lines(),
	}, nil
}

// noteVariables tells which variables the spec needs.
func (d *draft) noteVariables(vars *variables) {
	if names := slices.Sorted(maps.Keys(vars.values)); len(names) > 0 {
		d.notes.addGeneral("Its secrets are left to the environment; before a plan, set %s.", listNames(names))
	}
}
