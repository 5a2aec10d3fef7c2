package plan

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/spec"
)

// A Limit is the largest size of one sandbox in a scope.
type Limit struct {
	QuotaScope
	Max            Maximum // of any sandbox
	PersistentDisk *int    // GiB of disk of a sandbox that is not ephemeral and has no GPU, in addition to Max; nil for no limit
	PerGPU         Maximum // of a sandbox with GPUs, for each GPU, instead of Max
	WithGPU        Maximum // of a sandbox with GPUs, for all GPUs together, instead of Max

	GPUTypes []string // types of GPUs that are allowed; nil allows all, empty none
}

// A Maximum is the largest amount of each resource: vCPUs, and GiB of memory and of
// disk. A nil part has no known limit.
type Maximum struct{ CPU, Memory, Disk *int }

// Or returns m with its nil parts taken from other.
func (m Maximum) Or(other Maximum) Maximum {
	return Maximum{cmp.Or(m.CPU, other.CPU), cmp.Or(m.Memory, other.Memory), cmp.Or(m.Disk, other.Disk)}
}

// times returns m multiplied by a number of GPUs.
func (m Maximum) times(gpus int) Maximum {
	return Maximum{multiply(m.CPU, gpus), multiply(m.Memory, gpus), multiply(m.Disk, gpus)}
}

func multiply(n *int, times int) *int {
	if n == nil {
		return nil
	}
	m := *n * times
	return &m
}

// maxFor returns the maximum of a sandbox with a number of GPUs.
func (q Limit) maxFor(gpus int) Maximum {
	if gpus == 0 {
		return q.Max
	}
	return q.PerGPU.times(gpus).Or(q.WithGPU).Or(q.Max)
}

// exceededReason returns in words which part of size exceeds the limit, or "". Only
// the parts that are not zero in asked are checked.
func (q Limit) exceededReason(size, asked spec.Footprint, persistent bool) string {
	most := q.maxFor(size.GPU)
	if persistent && q.PersistentDisk != nil && size.GPU == 0 {
		if *q.PersistentDisk == 0 && size.Disk > 0 {
			return "only ephemeral sandboxes are permitted in " + q.Region
		}
		if most.Disk == nil || *q.PersistentDisk < *most.Disk {
			most.Disk = q.PersistentDisk
		}
	}
	for _, part := range footprintParts {
		if part.maximum == nil || part.get(asked) == 0 {
			continue
		}
		if limit := part.maximum(most); limit != nil && part.get(size) > *limit {
			return fmt.Sprintf("%d %s is more than the %d that one sandbox may have in %s", part.get(size), part.name, *limit, q.Region)
		}
	}
	return ""
}

// sizeBlock returns the block of an object to be created that is larger than a
// sandbox may be, or nil.
func (c *planner) sizeBlock(r *spec.Resource) *Block {
	if c.world.QuotaStatus == nil {
		return nil
	}
	var from *spec.Footprint
	class := r.Class()
	if r.Kind == spec.SandboxKind {
		from = c.forecaster().snapshotSize(r)
		class = c.forecaster().scope(&Step{Want: r, Action: Create}).Class
	}
	size, known := r.FootprintOr(from)
	if !known {
		return nil
	}
	return c.limitBlock(r, QuotaScope{c.regionOf(r), class}, func(q Limit) string {
		return q.exceededReason(size, size, r.Kind == spec.SandboxKind && !r.Ephemeral())
	})
}

// gpuTypeBlock returns the block of a sandbox that asks only for types of GPUs that
// its region does not allow, or nil.
func (c *planner) gpuTypeBlock(r *spec.Resource) *Block {
	size, _ := r.FootprintOr(nil)
	if c.world.QuotaStatus == nil || r.Kind != spec.SandboxKind || !r.FromImage() || size.GPU == 0 {
		return nil
	}
	types := r.GPUTypes()
	b := c.limitBlock(r, QuotaScope{Region: c.regionOf(r)}, func(q Limit) string {
		allowed := func(t string) bool { return slices.Contains(q.GPUTypes, t) }
		switch {
		case q.GPUTypes == nil:
			return ""
		case len(q.GPUTypes) == 0:
			return "no GPUs are allowed in " + q.Region
		case len(types) > 0 && !slices.ContainsFunc(types, allowed):
			return fmt.Sprintf("%s is not allowed in %s, which has %s", JoinOr(types), q.Region, JoinOr(q.GPUTypes))
		}
		return ""
	})
	if b != nil {
		b.Unblock = "ask for another type, or write another region, in " + declaredAt(r)
	}
	return b
}

// checkEnlarge blocks a change in place that makes a sandbox larger than the limit:
// the server would refuse it.
func (c *planner) checkEnlarge(s *Step) {
	if s.Blocked != nil || c.world.QuotaStatus == nil || !s.enlarges() {
		return
	}
	now := s.Have.Footprint(spec.SandboxKind)
	then := s.Want.OverlayFootprint(now)
	s.Blocked = c.limitBlock(s.Want, QuotaScope{s.Have.Region(), s.Have.Class}, func(q Limit) string {
		return q.exceededReason(then, then.Sub(now), !s.Have.Ephemeral())
	})
}

// enlarges reports whether the step enlarges a sandbox in place.
func (s *Step) enlarges() bool {
	if s.Address.Kind != spec.SandboxKind || s.Have == nil || s.Want == nil || s.Action.Destroys() || !s.hasVerb(DoCall) {
		return false
	}
	now := s.Have.Footprint(spec.SandboxKind)
	more := s.Want.OverlayFootprint(now).Sub(now)
	return slices.ContainsFunc(footprintParts, func(p footprintPart) bool { return p.get(more) > 0 })
}

// limitBlock returns the block of a resource that exceeds the limit of its scope, or
// nil. above returns why a limit is exceeded, or "". If the region is not known, the
// limits of all regions have to be exceeded.
func (c *planner) limitBlock(r *spec.Resource, of QuotaScope, above func(Limit) string) *Block {
	class := cmp.Or(of.Class, "container")
	reason := ""
	for _, q := range c.world.QuotaStatus.Limits {
		if q.Class != class || of.Region != "" && q.Region != of.Region {
			continue
		}
		if reason = above(q); reason == "" {
			return nil
		}
	}
	if reason == "" {
		return nil
	}
	return &Block{Illegal, reason, fmt.Sprintf("ask for less in %s, or have the limit raised", declaredAt(r))}
}
