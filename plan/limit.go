package plan

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/spec"
)

// A Limit is what one sandbox of a place may have.
type Limit struct {
	QuotaScope
	Max            Maximum
	PersistentDisk *int    // GiB of disk of one that is not ephemeral and has no GPU, beside Most; nil is no limit
	PerGPU         Maximum // of one with GPUs, for each of them, instead of Most
	WithGPU        Maximum // the same for all of them together

	GPUTypes []string // that one may have; nil: all
}

// A Maximum is the most of each resource. A nil part has no limit, or none that is
// known.
type Maximum struct{ CPU, Memory, Disk *int }

// Or returns m with its nil parts from other.
func (m Maximum) Or(other Maximum) Maximum {
	return Maximum{cmp.Or(m.CPU, other.CPU), cmp.Or(m.Memory, other.Memory), cmp.Or(m.Disk, other.Disk)}
}

// times returns m for a number of GPUs.
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

// maxFor returns the most that a sandbox with a number of GPUs may have.
func (q Limit) maxFor(gpus int) Maximum {
	if gpus == 0 {
		return q.Max
	}
	return q.PerGPU.times(gpus).Or(q.WithGPU).Or(q.Max)
}

// exceededReason returns in words what of a size exceeds the limit; "" if nothing does.
// Only the parts of a size that are asked for count.
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

// sizeBlock blocks what is bigger than one sandbox may be.
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

// gpuTypeBlock blocks a sandbox that asks for types of GPUs of which its region allows
// none.
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

// checkEnlarge blocks a change in place that would make a sandbox bigger than one may
// be: the server would refuse it.
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

// enlarges reports whether the step makes a sandbox bigger in place.
func (s *Step) enlarges() bool {
	if s.Address.Kind != spec.SandboxKind || s.Have == nil || s.Want == nil || s.Action.Destroys() || !s.hasVerb(DoCall) {
		return false
	}
	now := s.Have.Footprint(spec.SandboxKind)
	more := s.Want.OverlayFootprint(now).Sub(now)
	return slices.ContainsFunc(footprintParts, func(p footprintPart) bool { return p.get(more) > 0 })
}

// limitBlock blocks what is above the limit of its place. If the region is not
// known, it has to be above that of each.
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
