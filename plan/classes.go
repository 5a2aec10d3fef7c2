package plan

import (
	"fmt"
	"slices"

	"fleet/spec"
)

// classBlock returns the block of a sandbox to be created with an attribute that
// its class does not support, or nil.
func (c *planner) classBlock(r *spec.Resource) *Block {
	if r.Kind != spec.SandboxKind {
		return nil
	}
	return classRuleBlock(r, c.forecaster().sandboxClass(r), func(*spec.Attribute) bool { return true })
}

// classChangeBlock returns the block of a change in place that the class of the
// existing sandbox does not support, or nil. The run state counts as changed if
// the sandbox has another one than r.
func classChangeBlock(r *spec.Resource, have *Object, diffs []spec.Diff) *Block {
	return classRuleBlock(r, have.Class, func(a *spec.Attribute) bool {
		if a.Role == spec.Option {
			return have.TargetState != r.State()
		}
		return slices.ContainsFunc(diffs, func(d spec.Diff) bool { return d.Attr == a })
	})
}

// classRuleBlock returns the block of the first attribute that the class does not
// support, or nil. An empty class is unknown and blocks nothing.
func classRuleBlock(r *spec.Resource, class string, set func(*spec.Attribute) bool) *Block {
	if class == "" {
		return nil
	}
	rule := r.UnsupportedIn(class, set)
	if rule == nil {
		return nil
	}
	what := "a sandbox of class " + class
	if class == spec.Container {
		what = "a container"
	}
	return &Block{Illegal, fmt.Sprintf("%s cannot %s", what, rule.Unsupported), fmt.Sprintf("%s in %s, or use a snapshot of class %s", rule.Fix, specPath(r), rule.Supported[0])}
}

// persistentGPUBlock returns the block of a sandbox that gets GPUs from its
// snapshot and is not ephemeral, or nil. The server refuses such sandboxes.
func (c *planner) persistentGPUBlock(r *spec.Resource) *Block {
	if r.Kind != spec.SandboxKind || r.Ephemeral() {
		return nil
	}
	if from := c.forecaster().snapshotSize(r); from == nil || from.GPU == 0 {
		return nil
	}
	return &Block{Illegal, "a sandbox with GPUs must be ephemeral, and its snapshot has GPUs", fmt.Sprintf("write ephemeral: true in %s, or use another snapshot", declaredAt(r))}
}
