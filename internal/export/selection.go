package export

import (
	"cmp"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"fleet/plan"
	"fleet/spec"
)

// A selection is the part of an organization that is exported.
type selection struct {
	opts           Options
	notes          *notes         // about the spec
	fleetName      string         // of the spec
	hasOtherFleets bool           // sandboxes of other fleets exist, which are omitted
	selected       []*plan.Object // sandboxes, by name
	err            error          // why nothing can be exported
}

// defaultFleetName names the fleet if no fleet, or several, own the sandboxes.
const defaultFleetName = "exported"

// hasSelection reports whether a part of the organization is selected.
func (o Options) hasSelection() bool {
	return len(o.Names) > 0 || o.Fleet != "" || len(o.Selector) > 0 || len(o.States) > 0
}

// selectSandboxes selects the sandboxes to export, and sets the name of the fleet.
func (c *selection) selectSandboxes(w *plan.World) []*plan.Object {
	matching := c.matching(w.Objects[spec.SandboxKind])
	if c.err != nil {
		return nil
	}
	if c.setFleetName(matching); c.err != nil {
		return nil
	}
	keys := map[string]*plan.Object{}
	for _, o := range c.addSiblings(matching, w.Objects[spec.SandboxKind]) {
		why := c.skipReason(o)
		if key := fleetKey(o, c.fleetName); why == "" && key != "" {
			if preferred := keys[key]; preferred != nil {
				why = fmt.Sprintf("left out: it has the labels of sandbox.%s, as %q has", key, preferred.Name)
			} else {
				keys[key] = o
			}
		}
		if why != "" {
			c.notes.add(describeObject(spec.SandboxKind, o), "%s", why)
			continue
		}
		if o.State != o.TargetState {
			c.notes.add(describeObject(spec.SandboxKind, o), "it is in transition: exported in its current state")
		}
		c.selected = append(c.selected, o)
	}
	return c.selected
}

// describeObject formats an object for a reader.
func describeObject(kind spec.Kind, o *plan.Object) string { return fmt.Sprintf("%s %q", kind, o.Name) }

// matching returns the sandboxes that match the options.
func (c *selection) matching(sandboxes []*plan.Object) []*plan.Object {
	var matching []*plan.Object
	found := make([]bool, len(c.opts.Names))
	for _, o := range sandboxes {
		named := len(c.opts.Names) == 0
		for i, pattern := range c.opts.Names {
			if ok, _ := path.Match(pattern, o.Name); ok || pattern == o.Name { // an invalid pattern matches itself only
				found[i], named = true, true
			}
		}
		if named && c.matches(o) {
			matching = append(matching, o)
		}
	}
	for i, ok := range found {
		if !ok {
			c.err = errNoMatch(c.opts.Names[i], sandboxes)
		}
	}
	if c.err == nil && len(matching) == 0 && c.opts.hasSelection() {
		c.err = &OptionsError{"no sandbox matches the selection; fleet status --all lists all sandboxes"}
	}
	return matching
}

// matches reports whether a sandbox matches the options, except for its name.
func (c *selection) matches(o *plan.Object) bool {
	for k, v := range c.opts.Selector {
		if have, ok := o.Labels[k]; !ok || have != v {
			return false
		}
	}
	return (c.opts.Fleet == "" || o.Labels[spec.FleetLabel] == c.opts.Fleet) &&
		(len(c.opts.States) == 0 || slices.Contains(c.opts.States, o.State))
}

// errNoMatch returns the error for a name or pattern that matches no sandbox.
func errNoMatch(pattern string, sandboxes []*plan.Object) error {
	var names []string
	for _, o := range sandboxes {
		names = append(names, o.Name)
	}
	hint := cmp.Or(spec.DidYouMean(pattern, names), "fleet status --all lists all sandboxes")
	return &OptionsError{fmt.Sprintf("no sandbox is called %q; %s", pattern, hint)}
}

// setFleetName sets the name of the fleet: from the options, or the common owner.
func (c *selection) setFleetName(matching []*plan.Object) {
	owners := map[string]bool{}
	owner := ""
	for _, o := range matching {
		if f := o.Labels[spec.FleetLabel]; f != "" {
			owners[f], owner = true, f
		}
	}
	switch {
	case c.opts.Name != "" || c.opts.Fleet != "":
		c.fleetName = cmp.Or(c.opts.Name, c.opts.Fleet)
	case len(owners) == 1:
		c.fleetName = owner
	default:
		c.fleetName = defaultFleetName
	}
	delete(owners, c.fleetName)
	c.hasOtherFleets = len(owners) > 0
	c.err = c.checkName(c.fleetName)
}

// checkName checks the name of a fleet by parsing a spec with it.
func (c *selection) checkName(name string) error {
	if name == "" {
		return nil
	}
	_, err := spec.Parse(spec.Source{Text: fmt.Appendf(nil, "version: 1\nname: %q\n", name)})
	if diagnostics := (spec.Diagnostics{}); errors.As(err, &diagnostics) {
		return &OptionsError{diagnostics[0].Message}
	}
	return err
}

// addSiblings adds the other copies of each count that has a selected copy: counts are
// exported as a whole. The oldest sandboxes come first.
func (c *selection) addSiblings(matching, all []*plan.Object) []*plan.Object {
	groups, selected := map[string]bool{}, map[*plan.Object]bool{}
	for _, o := range matching {
		selected[o] = true
		if group, which := splitGroup(fleetKey(o, c.fleetName)); which != "" {
			groups[group] = true
		}
	}
	whole := slices.Clone(matching)
	for _, o := range all {
		if group, which := splitGroup(fleetKey(o, c.fleetName)); which != "" && groups[group] && !selected[o] {
			whole = append(whole, o)
			c.notes.add(describeObject(spec.SandboxKind, o), "not selected; it is exported because others of its count are")
		}
	}
	slices.SortFunc(whole, func(a, b *plan.Object) int { return cmp.Or(a.Created.Compare(b.Created), strings.Compare(a.ID, b.ID)) })
	return whole
}

// splitGroup splits the key of a copy; which is empty if it is none.
func splitGroup(key string) (group, which string) {
	return spec.Address{Kind: spec.SandboxKind, Key: key}.Group()
}

// fleetKey returns the key of a sandbox in a fleet; empty if the fleet does not own it.
func fleetKey(o *plan.Object, fleet string) string {
	if o.Labels[spec.FleetLabel] != fleet || spec.HasCopiedLabels(o.Labels, o.Name) {
		return ""
	}
	return o.Labels[spec.KeyLabel]
}

var (
	uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	keyPattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$`)
)

// skipReason returns why a sandbox is omitted; empty if it is not. Sandboxes of the fleet
// are exported in any state, because a plan would delete undeclared ones.
func (c *selection) skipReason(o *plan.Object) string {
	owner, key := o.Labels[spec.FleetLabel], fleetKey(o, c.fleetName)
	base, which := splitGroup(key)
	switch {
	case owner != "" && owner != c.fleetName:
		return fmt.Sprintf("left out: fleet %q owns it; export that one with --fleet %s", owner, owner)
	case spec.HasCopiedLabels(o.Labels, o.Name):
		return fmt.Sprintf("left out: probably a fork, with the labels of sandbox.%s", o.Labels[spec.KeyLabel])
	case owner == "" && o.Manager() != "":
		return fmt.Sprintf("left out: the name %q is taken by a sandbox managed by %s", o.Name, o.Manager())
	case uuidPattern.MatchString(o.Name):
		return "left out: it has no name, and a spec finds sandboxes by their names"
	case key != "" && (!keyPattern.MatchString(base) || strings.Contains(key, "[") && which == ""):
		return fmt.Sprintf("left out: its label %s is not a valid key", spec.KeyLabel)
	case key == "" && o.Failed:
		return fmt.Sprintf("left out: it is in state %s, and cannot be adopted", o.State)
	}
	return ""
}

// countProgress adapts a callback to concurrent calls. It adds the total, and makes one
// call at a time.
func countProgress(report func(done, of int), chosen *[]*plan.Object) func(int) {
	if report == nil {
		return func(int) {}
	}
	var mu sync.Mutex
	return func(done int) {
		mu.Lock()
		defer mu.Unlock()
		report(done, len(*chosen))
	}
}
