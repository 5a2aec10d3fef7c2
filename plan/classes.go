package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// unfit blocks what is to be made and asks for what sandboxes of its class cannot
// do.
func (c *computer) unfit(r *spec.Resource) *Block {
	if r.Kind != spec.SandboxKind {
		return nil
	}
	return beyond(r, c.sizer().class(r), func(*spec.Attribute) bool { return true })
}

// unfitChange blocks a change in place that sandboxes of the class of the present
// one cannot have. Its run state counts as changed while it has another one.
func unfitChange(r *spec.Resource, have *Object, diffs []spec.Diff) *Block {
	return beyond(r, have.Class, func(a *spec.Attribute) bool {
		if a.Role == spec.Option {
			return have.Next != r.State()
		}
		return slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Attr == a })
	})
}

// beyond blocks what a sandbox of the class cannot have; an empty class is not
// known.
func beyond(r *spec.Resource, class string, set func(*spec.Attribute) bool) *Block {
	if class == "" {
		return nil
	}
	rule := r.Unfit(class, set)
	if rule == nil {
		return nil
	}
	what := "a sandbox of class " + class
	if class == spec.Container {
		what = "a container"
	}
	return &Block{Illegal, fmt.Sprintf("%s cannot %s", what, rule.Cannot), fmt.Sprintf("%s in %s, or use a snapshot of class %s", rule.Fix, place(r), rule.Can[0])}
}

// lastingGPU blocks a sandbox with GPUs that is not ephemeral.
func (c *computer) lastingGPU(r *spec.Resource) *Block {
	if r.Kind != spec.SandboxKind || r.Ephemeral() {
		return nil
	}
	if from := c.sizer().made(r); from == nil || from.GPU == 0 {
		return nil
	}
	return &Block{Illegal, "a sandbox with GPUs must be ephemeral, and its snapshot has some", fmt.Sprintf("write ephemeral: true in %s, or use another snapshot", at(r))}
}
