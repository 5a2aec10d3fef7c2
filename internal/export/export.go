package export

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"

	"fleet/client"
	"fleet/internal/format"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// Options select what is exported and how. The zero Options export the whole
// organization, and adopt nothing.
type Options struct {
	Name    string     // of the fleet; empty: the one that owns the exported sandboxes, or "exported"
	Adopt   bool       // take over sandboxes that no fleet owns
	State   bool       // keep the run states as they are
	Secrets SecretMode // how secret values are written
	Header  string     // comment at the top of the spec

	// AppendTo is a spec that the result will be appended to. The result then has no
	// version and no name, omits what AppendTo declares, and uses keys that are free
	// in it. If it is nil, the result is a complete spec.
	AppendTo *spec.Fleet

	// The selection: sandboxes that match all fields that are set. If any is set, only
	// the snapshots and volumes that these sandboxes use are exported.
	Names    []string          // names, or patterns of path.Match
	Fleet    string            // owned by this fleet
	Selector map[string]string // labels that must have these values
	States   []string          // one of these

	// Progress is called with the number of selected sandboxes that were read so far,
	// by one goroutine at a time; nil is not called.
	Progress func(done, of int)
}

// A Result is an exported spec.
type Result struct {
	Fleet     string            // its name
	Text      []byte            // the spec, formatted unless it is larger than [format.MaxSource]
	Resources int               // how many it declares, including copies
	Variables map[string]string // values of the secrets that the spec refers to, by environment variable
	Notes     []string          // for a reader: what was omitted, and what a plan of the spec will do
}

// An OptionsError is the error of invalid options.
type OptionsError struct{ Message string }

// Error returns the message.
func (e *OptionsError) Error() string { return e.Message }

// Run returns a spec of what exists. The error is an [*OptionsError] if the options
// select nothing, or the name of the fleet is invalid.
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

// write writes the spec of the selection.
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
	var buf bytes.Buffer
	if err := encoder.Encode(&buf, d.fleet()); err != nil {
		return nil, fmt.Errorf("writing the spec: %w", err)
	}
	text := buf.Bytes()
	if formatted, err := format.Source(text); err == nil { // the layout of a larger spec is left as it is
		text = formatted
	}
	d.notePinned()
	d.notePlan(last)
	d.noteVariables(vars)
	return &Result{
		Fleet: c.fleetName, Text: text, Resources: len(d.resources),
		Variables: vars.values, Notes: c.notes.lines(),
	}, nil
}

// noteVariables notes which environment variables the spec needs.
func (d *draft) noteVariables(vars *variables) {
	if names := slices.Sorted(maps.Keys(vars.values)); len(names) > 0 {
		d.notes.addGeneral("Its secrets come from the environment; set %s before a plan.", listNames(names))
	}
}
