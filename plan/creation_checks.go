package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"fleet/internal/dockerfile"
	"fleet/internal/suggest"
	"fleet/spec"
)

// checkCreation blocks a step that creates an object if the server is known to
// refuse it. The check comes before anything is sent, so that no object is deleted
// for a replacement that cannot be created.
func (c *planner) checkCreation(s *Step, r *spec.Resource) {
	if !s.Action.Creates() {
		return
	}
	finds := []func(*spec.Resource) *Block{c.regionBlock, c.snapshotRegionBlock, c.secretBlock, dockerfileBlock, c.sizeBlock, c.gpuTypeBlock, c.persistentGPUBlock, c.classBlock, c.bodySizeBlock}
	for _, find := range finds {
		if s.Blocked != nil {
			return
		}
		s.Blocked = find(r)
	}
}

// declaredAt returns the path of a resource in the spec, with its file and position
// if they are known.
func declaredAt(r *spec.Resource) string {
	if r.Pos.Line == 0 {
		return specPath(r)
	}
	return fmt.Sprintf("%s (%s)", specPath(r), r.Pos)
}

// regionBlock returns the block of an object in a region that does not exist, or
// nil.
func (c *planner) regionBlock(r *spec.Resource) *Block {
	name := cmp.Or(r.Region(), c.opts.DefaultRegion)
	if name == "" || c.world.Facts.HasRegion(name) {
		return nil
	}
	var names []string
	for known := range c.world.Facts.Regions {
		names = append(names, known)
	}
	slices.Sort(names)
	hint := "write target: " + JoinOr(names) + " in " + declaredAt(r)
	if r.Region() == "" {
		hint = fmt.Sprintf("it is the configured default of %s: set --region or DAYTONA_TARGET to %s", declaredAt(r), JoinOr(names))
	}
	if meant := suggest.DidYouMean(name, names); meant != "" {
		hint = meant + " " + hint
	}
	return &Block{Illegal, fmt.Sprintf("there is no region %q", name), hint}
}

// regionOf returns the id of the region in which a resource is created, or "" if it
// is not known.
func (c *planner) regionOf(r *spec.Resource) string {
	id := r.RegionID(c.opts.DefaultRegion, c.world.Facts)
	if id == "" && c.world.QuotaStatus != nil {
		id = c.world.QuotaStatus.DefaultRegion
	}
	return id
}

// snapshotRegionBlock returns the block of a sandbox whose snapshot is not in its
// region, or nil.
func (c *planner) snapshotRegionBlock(r *spec.Resource) *Block {
	region := c.regionOf(r)
	if region == "" || r.Kind != spec.SandboxKind {
		return nil
	}
	for _, need := range r.DependsOn {
		if s := c.steps[need]; s != nil && need.Kind == spec.SnapshotKind {
			if in := c.regionsAfter(s); len(in) > 0 && !slices.Contains(in, region) {
				return c.regionMismatchBlock(r, need.String(), in, region, fmt.Sprintf("write target: %s in %s, or ", c.world.Facts.RegionName(region), declaredAt(s.Want)))
			}
		}
	}
	for _, use := range r.ExternalRefs {
		found := c.objectsByName[use.Kind][use.Name]
		if use.Kind != spec.SnapshotKind || found == nil {
			continue
		}
		if in := found.Regions(); len(in) > 0 && !slices.Contains(in, region) {
			return c.regionMismatchBlock(r, fmt.Sprintf("the snapshot %q", use.Name), in, region, "")
		}
	}
	return nil
}

// regionsAfter returns the regions of a snapshot after its step, or nil if they are
// not known.
func (c *planner) regionsAfter(s *Step) []string {
	if !s.Action.Creates() {
		return s.Have.Regions()
	}
	if region := c.regionOf(s.Want); region != "" {
		return []string{region}
	}
	return nil
}

// regionMismatchBlock returns the block of a sandbox in region, made from what in
// other regions. hint starts its advice and may be empty.
func (c *planner) regionMismatchBlock(r *spec.Resource, what string, in []string, region, hint string) *Block {
	var names []string
	for _, id := range in {
		names = append(names, c.world.Facts.RegionName(id))
	}
	slices.Sort(names)
	return &Block{
		Illegal, fmt.Sprintf("%s, which it is made from, is in %s and not in %s", what, JoinAnd(names), c.world.Facts.RegionName(region)),
		fmt.Sprintf("%swrite target: %s in %s", hint, JoinOr(names), declaredAt(r)),
	}
}

// secretBlock returns the block of a sandbox that refers to a secret that does not
// exist, or nil.
func (c *planner) secretBlock(r *spec.Resource) *Block {
	if c.world.Secrets == nil || r.Kind != spec.SandboxKind {
		return nil
	}
	for _, name := range r.Secrets() {
		if !slices.Contains(c.world.Secrets, name) {
			hint := cmp.Or(suggest.DidYouMean(name, c.world.Secrets), "create it")
			return &Block{Illegal, fmt.Sprintf("the organisation has no secret %q", name), hint + " It is named in " + declaredAt(r)}
		}
	}
	return nil
}

// dockerfileBlock returns the block of an object built from a Dockerfile that copies
// local files although its image has none, or nil. Of an image that has some, the spec has
// been checked for files that are missing.
func dockerfileBlock(r *spec.Resource) *Block {
	i, built := r.BuiltImage()
	if !built || len(i.ContextHashes) > 0 {
		return nil
	}
	f, _ := dockerfile.Parse(i.Dockerfile)
	sources := f.LocalSources(nil)
	if len(sources) == 0 {
		return nil
	}
	l := sources[0]
	return &Block{
		Illegal, fmt.Sprintf("its image cannot be built: line %d of the Dockerfile is %q, and there are no local files to copy", l.Line, r.Redact(l.Instruction)),
		fmt.Sprintf("copy --from another stage or image, ADD a URL, or write the file with a here-document, in the image of %s", declaredAt(r)),
	}
}

// bodySizeBlock returns the block of an object whose create request is longer than
// the server reads, or nil.
func (c *planner) bodySizeBlock(r *spec.Resource) *Block {
	most := c.world.Facts.MaxBody
	if most == 0 {
		return nil
	}
	body := r.CreateBody(c.world.Facts)
	r.SetRegion(body, c.opts.DefaultRegion, c.world.Facts)
	if r.Kind == spec.SandboxKind {
		body["labels"] = r.Labels(c.fleet.Name, nil)
		for field := range r.Links() {
			body[field] = placeholderID
		}
	}
	text, err := json.Marshal(body)
	if err != nil || len(text) <= most {
		return nil
	}
	return &Block{
		Illegal, fmt.Sprintf("the request that creates it has %d kB, and the server reads %d", (len(text)+1023)>>10, most>>10),
		fmt.Sprintf("shorten %s: put long values into the image, a volume or a secret", declaredAt(r)),
	}
}

// placeholderID stands for an id that is not known yet. All ids have its length.
const placeholderID = "00000000-0000-0000-0000-000000000000"
