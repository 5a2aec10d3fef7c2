package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"fleet/spec"
)

// checkMade blocks a step that makes something, where what is known of the server
// tells that it would refuse that: before anything goes that is to be replaced.
func (c *computer) checkMade(s *Step, r *spec.Resource) {
	if s.Action != Create && s.Action != Replace {
		return
	}
	finds := []func(*spec.Resource) *Block{c.noRegion, c.notInRegion, c.noSecret, unbuildable, c.tooBig, c.wrongGPU, c.lastingGPU, c.unfit, c.tooLong}
	for _, find := range finds {
		if s.Blocked != nil {
			return
		}
		s.Blocked = find(r)
	}
}

// at is where in which file a resource is declared.
func at(r *spec.Resource) string {
	if r.Pos.Line == 0 {
		return place(r)
	}
	return fmt.Sprintf("%s (%s)", place(r), r.Pos)
}

// noRegion blocks what is to be in a region that does not exist.
func (c *computer) noRegion(r *spec.Resource) *Block {
	name := cmp.Or(r.Region(), c.opts.Target)
	if name == "" || c.world.Facts.HasRegion(name) {
		return nil
	}
	var names []string
	for known := range c.world.Facts.Regions {
		names = append(names, known)
	}
	slices.Sort(names)
	hint := "write target: " + Choice(names) + " in " + at(r)
	if r.Region() == "" {
		hint = fmt.Sprintf("it is the configured default of %s: set --region or DAYTONA_TARGET to %s", at(r), Choice(names))
	}
	if meant := spec.DidYouMean(name, names); meant != "" {
		hint = meant + " " + hint
	}
	return &Block{Illegal, fmt.Sprintf("there is no region %q", name), hint}
}

// regionOf is the id of the region that a resource is made in; empty when it is
// not known.
func (c *computer) regionOf(r *spec.Resource) string {
	id := r.RegionID(c.opts.Target, c.world.Facts)
	if id == "" && c.world.Standing != nil {
		id = c.world.Standing.DefaultRegion
	}
	return id
}

// notInRegion blocks a sandbox whose snapshot is not in its region.
func (c *computer) notInRegion(r *spec.Resource) *Block {
	region := c.regionOf(r)
	if region == "" || r.Kind != spec.SandboxKind {
		return nil
	}
	for _, need := range r.Needs {
		if s := c.steps[need]; s != nil && need.Kind == spec.SnapshotKind {
			if in := c.regionsThen(s); len(in) > 0 && !slices.Contains(in, region) {
				return c.wrongRegion(r, need.String(), in, region, fmt.Sprintf("write target: %s in %s, or ", c.world.Facts.RegionName(region), at(s.Want)))
			}
		}
	}
	for _, use := range r.Uses {
		found := c.names[use.Kind][use.Name]
		if use.Kind != spec.SnapshotKind || found == nil {
			continue
		}
		if in := found.Regions(); len(in) > 0 && !slices.Contains(in, region) {
			return c.wrongRegion(r, fmt.Sprintf("the snapshot %q", use.Name), in, region, "")
		}
	}
	return nil
}

// regionsThen are the regions that a snapshot is in once its step is done; nil
// when they are not known.
func (c *computer) regionsThen(s *Step) []string {
	if s.Action != Create && s.Action != Replace {
		return s.Have.Regions()
	}
	if region := c.regionOf(s.Want); region != "" {
		return []string{region}
	}
	return nil
}

func (c *computer) wrongRegion(r *spec.Resource, what string, in []string, region, hint string) *Block {
	var names []string
	for _, id := range in {
		names = append(names, c.world.Facts.RegionName(id))
	}
	slices.Sort(names)
	return &Block{
		Illegal, fmt.Sprintf("%s, which it is made from, is in %s and not in %s", what, Listing(names), c.world.Facts.RegionName(region)),
		fmt.Sprintf("%swrite target: %s in %s", hint, Choice(names), at(r)),
	}
}

// noSecret blocks a sandbox that refers to a secret that does not exist.
func (c *computer) noSecret(r *spec.Resource) *Block {
	if c.world.Secrets == nil || r.Kind != spec.SandboxKind {
		return nil
	}
	for _, name := range r.Secrets() {
		if !slices.Contains(c.world.Secrets, name) {
			hint := cmp.Or(spec.DidYouMean(name, c.world.Secrets), "create it")
			return &Block{Illegal, fmt.Sprintf("the organisation has no secret %q", name), hint + " It is named in " + at(r)}
		}
	}
	return nil
}

// unbuildable blocks what is built from a Dockerfile that wants files of a build
// context.
func unbuildable(r *spec.Resource) *Block {
	l, needs := spec.NeedsContext(r.Dockerfile())
	if !needs {
		return nil
	}
	return &Block{
		Illegal, fmt.Sprintf("its image cannot be built: line %d of the Dockerfile is %q, and there are no local files to copy", l.Number, r.Redact(l.Text)),
		fmt.Sprintf("copy --from another stage or image, ADD a URL, or write the file with a here-document, in the image of %s", at(r)),
	}
}

// tooLong blocks a request that is longer than the server reads.
func (c *computer) tooLong(r *spec.Resource) *Block {
	most := c.world.Facts.MaxBody
	if most == 0 {
		return nil
	}
	body := r.CreateBody(c.world.Facts)
	r.Place(body, c.opts.Target, c.world.Facts)
	if r.Kind == spec.SandboxKind {
		body["labels"] = r.Labels(c.fleet.Name, nil)
		for field := range r.Links() {
			body[field] = anyID
		}
	}
	text, err := json.Marshal(body)
	if err != nil || len(text) <= most {
		return nil
	}
	return &Block{
		Illegal, fmt.Sprintf("the request that creates it has %d kB, and the server reads %d", (len(text)+1023)>>10, most>>10),
		fmt.Sprintf("shorten %s: put long values into the image, a volume or a secret", at(r)),
	}
}

// anyID is as long as each id is.
const anyID = "00000000-0000-0000-0000-000000000000"
