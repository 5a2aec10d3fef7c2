package plan

import (
	"cmp"
	"fmt"
	"slices"

	"fleet/spec"
)

// A Limit is what one sandbox of a place may have.
type Limit struct {
	Place
	Most    Maximum
	Lasting *int    // GiB of disk of one that is not ephemeral and has no GPU, beside Most; nil is no limit
	PerGPU  Maximum // of one with GPUs, for each of them, instead of Most
	WithGPU Maximum // the same for all of them together

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
	return Maximum{product(m.CPU, gpus), product(m.Memory, gpus), product(m.Disk, gpus)}
}

func product(n *int, times int) *int {
	if n == nil {
		return nil
	}
	m := *n * times
	return &m
}

// maximum returns the most that a sandbox with a number of GPUs may have.
func (q Limit) maximum(gpus int) Maximum {
	if gpus == 0 {
		return q.Most
	}
	return q.PerGPU.times(gpus).Or(q.WithGPU).Or(q.Most)
}

// above returns in words what of a size exceeds the limit; "" if nothing does.
// Only the parts of a size that are asked for count.
func (q Limit) above(size, asked spec.Footprint, lasting bool) string {
	most := q.maximum(size.GPU)
	if lasting && q.Lasting != nil && size.GPU == 0 {
		if *q.Lasting == 0 && size.Disk > 0 {
			return "only ephemeral sandboxes are permitted in " + q.Region
		}
		if most.Disk == nil || *q.Lasting < *most.Disk {
			most.Disk = q.Lasting
		}
	}
	for _, part := range parts {
		if part.most == nil || part.of(asked) == 0 {
			continue
		}
		if limit := part.most(most); limit != nil && part.of(size) > *limit {
			return fmt.Sprintf("%d %s is more than the %d that one sandbox may have in %s", part.of(size), part.what, *limit, q.Region)
		}
	}
	return ""
}

// tooBig blocks what is bigger than one sandbox may be.
func (c *computer) tooBig(r *spec.Resource) *Block {
	if c.world.Standing == nil {
		return nil
	}
	var from *spec.Footprint
	class := r.Class()
	if r.Kind == spec.SandboxKind {
		from = c.sizer().made(r)
		class = c.sizer().place(&Step{Want: r, Action: Create}).Class
	}
	size, known := r.SizeOr(from)
	if !known {
		return nil
	}
	return c.exceeding(r, Place{c.regionOf(r), class}, func(q Limit) string {
		return q.above(size, size, r.Kind == spec.SandboxKind && !r.Ephemeral())
	})
}

// wrongGPU blocks a sandbox that asks for types of GPUs of which its region allows
// none.
func (c *computer) wrongGPU(r *spec.Resource) *Block {
	size, _ := r.SizeOr(nil)
	if c.world.Standing == nil || r.Kind != spec.SandboxKind || !r.FromImage() || size.GPU == 0 {
		return nil
	}
	types := r.GPUTypes()
	b := c.exceeding(r, Place{Region: c.regionOf(r)}, func(q Limit) string {
		allowed := func(t string) bool { return slices.Contains(q.GPUTypes, t) }
		switch {
		case q.GPUTypes == nil:
			return ""
		case len(q.GPUTypes) == 0:
			return "no GPUs are allowed in " + q.Region
		case len(types) > 0 && !slices.ContainsFunc(types, allowed):
			return fmt.Sprintf("%s is not allowed in %s, which has %s", Choice(types), q.Region, Choice(q.GPUTypes))
		}
		return ""
	})
	if b != nil {
		b.Unblock = "ask for another type, or write another region, in " + at(r)
	}
	return b
}

// outgrows blocks a change in place that would make a sandbox bigger than one may
// be: the server would refuse it.
func (c *computer) outgrows(s *Step) {
	if s.Blocked != nil || c.world.Standing == nil || !s.enlarges() {
		return
	}
	now := s.Have.Size(spec.SandboxKind)
	then := s.Want.Lay(now)
	s.Blocked = c.exceeding(s.Want, Place{s.Have.Region(), s.Have.Class}, func(q Limit) string {
		return q.above(then, then.Minus(now), !s.Have.Ephemeral())
	})
}

// enlarges reports whether the step makes a sandbox bigger in place.
func (s *Step) enlarges() bool {
	if s.Address.Kind != spec.SandboxKind || s.Have == nil || s.Want == nil || s.Action.Destroys() || !s.has(DoCall) {
		return false
	}
	now := s.Have.Size(spec.SandboxKind)
	more := s.Want.Lay(now).Minus(now)
	return slices.ContainsFunc(parts, func(p part) bool { return p.of(more) > 0 })
}

// exceeding blocks what is above the limit of its place. If the region is not
// known, it has to be above that of each.
func (c *computer) exceeding(r *spec.Resource, of Place, above func(Limit) string) *Block {
	class := cmp.Or(of.Class, "container")
	reason := ""
	for _, q := range c.world.Standing.Limits {
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
	return &Block{Illegal, reason, fmt.Sprintf("ask for less in %s, or have the limit raised", at(r))}
}
