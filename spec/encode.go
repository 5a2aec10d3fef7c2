package spec

import (
	"bytes"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/foreign"
	"fleet/internal/yamldoc"
)

// An Encoder writes fleets as specs. [Parse] of the output returns the same resources,
// except for secrets. Defaults are written into each block, equal copies of a group
// become a count, and images become Dockerfiles. The zero Encoder hides secrets.
type Encoder struct {
	// Secret returns the YAML to write for a secret value at a path such as
	// env_vars.TOKEN of a block; nil omits it. A nil Secret writes (hidden).
	Secret func(block Address, path, value string) *yaml.Node

	// Comment returns the comment on an attribute of a resource, or on the key of the
	// resource if a is nil; "" for none. For a group it is called with the first copy.
	// A nil Comment writes none.
	Comment func(r *Resource, a *Attribute) string

	// Header is a comment at the top, without hash signs; empty for none.
	Header string

	// Environment is the name of an environment to declare, without differences; empty
	// for none.
	Environment string

	// Bare omits version and name, for output that is to be appended to a spec.
	Bare bool

	// HoistRegion sets a region that all resources have once, at the top.
	HoistRegion bool
}

// WriteYAML writes the fleet as a spec in which secrets are hidden.
func (f *Fleet) WriteYAML(w io.Writer) error { return Encoder{}.Encode(w, f) }

// PlainSecret is an [Encoder.Secret] that writes secrets in plain text.
func PlainSecret(_ Address, _, value string) *yaml.Node { return yamldoc.NodeOf(value) }

// SecretFromEnv returns a reference to an environment variable, for [Encoder.Secret].
func SecretFromEnv(variable string) *yaml.Node {
	return yamldoc.FlowMapping("from_env", variable)
}

// Encode writes the fleet.
func (e Encoder) Encode(w io.Writer, f *Fleet) error {
	root, err := e.Node(f)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if e.Header != "" {
		for line := range strings.Lines(e.Header + "\n") {
			b.WriteString(strings.TrimRight("# "+line, " \n") + "\n")
		}
	}
	enc := yaml.NewEncoder(&b)
	enc.SetIndent(2)
	if err := enc.Encode(root); err != nil {
		return fmt.Errorf("writing the spec: %w", err)
	}
	out := foreign.NewWriter(w, foreign.Options{})
	if _, err = out.Write(separateSections(b.Bytes())); err != nil {
		return err
	}
	return out.Flush()
}

// separateSections puts an empty line before each section.
func separateSections(text []byte) []byte {
	var b bytes.Buffer
	for line := range bytes.Lines(text) {
		key, rest, ok := bytes.Cut(line, []byte(":"))
		if ok && len(rest) <= 1 && !bytes.ContainsAny(key, " #") {
			b.WriteByte('\n')
		}
		b.Write(line)
	}
	return b.Bytes()
}

// setKeys sets the keys by which references name the resources of a kind.
func (x *encodeState) setKeys(f *Fleet, kind Kind, blocks []outputBlock) {
	for _, w := range blocks {
		if _, which := w.first.Group(); which == "" { // copies are referred to by name
			x.keys[Address{kind, w.first.Name()}] = w.key
		}
	}
	for _, r := range f.OfKind(kind) { // except for versions, whose names change
		if _, which := r.Group(); keyPattern.MatchString(which) && r.VersionBase() != r.Name() {
			x.keys[Address{kind, r.Name()}] = r.Key
		}
	}
}

// Node returns the fleet as the root mapping of a spec. It returns an error if a spec
// cannot describe a resource.
func (e Encoder) Node(f *Fleet) (*yaml.Node, error) {
	x := &encodeState{Encoder: e, keys: map[Address]string{}, images: newImageEncoder()}
	root := yamldoc.NewMapping()
	if !e.Bare {
		yamldoc.Put(root, "version", yamldoc.NodeOf(1))
		yamldoc.Put(root, "name", yamldoc.NodeOf(f.Name))
		if e.Environment != "" {
			yamldoc.Put(root, "environments", yamldoc.FlowMapping(e.Environment, yamldoc.NewMapping()))
		}
	}
	if e.HoistRegion {
		x.hoisted = commonRegion(f)
	}
	if x.hoisted != "" {
		yamldoc.Put(root, "target", yamldoc.NodeOf(x.hoisted))
	}
	sections := map[Kind]*yaml.Node{}
	blocks := map[Kind][]outputBlock{}
	for _, kind := range ObjectKinds {
		blocks[kind] = groupBlocks(f.OfKind(kind))
		x.setKeys(f, kind, blocks[kind])
	}
	for _, kind := range ObjectKinds {
		section, err := x.section(blocks[kind])
		if err != nil {
			return nil, err
		}
		sections[kind] = section
	}
	for _, m := range f.Moved { // to a group without copies
		if to := f.CurrentAddress(m.To); !f.hasResource(to) {
			yamldoc.Put(sections[SandboxKind], to.Key, yamldoc.FlowMapping("count", 0))
		}
	}
	sections[ImageKind] = x.images.node()
	for _, kind := range kinds {
		if len(sections[kind].Content) > 0 {
			yamldoc.Put(root, kind.Section(), sections[kind])
		}
	}
	encodeTrailer(root, f)
	return root, nil
}

// An encodeState is the state of writing one fleet.
type encodeState struct {
	Encoder
	keys    map[Address]string // of snapshots and volumes, by kind and remote name
	images  *imageEncoder
	hoisted string // the region that is set at the top; empty for none
}

// commonRegion returns the region that all resources with a region have, or "".
func commonRegion(f *Fleet) string {
	region := ""
	for _, r := range f.Resources {
		row := regionRows[r.Kind]
		if row == nil {
			continue
		}
		switch own := r.attrs.text(row); {
		case own == "" || region != "" && region != own:
			return ""
		default:
			region = own
		}
	}
	return region
}

// section writes the blocks of one kind.
func (x *encodeState) section(blocks []outputBlock) (*yaml.Node, error) {
	section := yamldoc.NewMapping()
	for _, w := range blocks {
		block, err := x.block(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.first.Address, err)
		}
		key := yamldoc.Put(section, w.key, block)
		if x.Comment != nil {
			yamldoc.SetLineComment(key, block, x.Comment(w.first, nil))
		}
	}
	return section, nil
}

// encodeTrailer writes the sections that do not declare resources.
func encodeTrailer(root *yaml.Node, f *Fleet) {
	owns := yamldoc.NewMapping()
	for _, kind := range slices.Sorted(maps.Keys(f.Owns)) {
		if len(f.Owns[kind]) > 0 {
			yamldoc.Put(owns, kind.Section(), yamldoc.FlowIfShort(yamldoc.NodeOf(f.Owns[kind])))
		}
	}
	if len(owns.Content) > 0 {
		yamldoc.Put(root, "owns", owns)
	}
	removed := &yaml.Node{Kind: yaml.SequenceNode}
	for _, a := range f.Removed {
		removed.Content = append(removed.Content, yamldoc.NodeOf(a.String()))
	}
	for _, a := range f.Released {
		removed.Content = append(removed.Content, yamldoc.FlowMapping("from", a.String(), "destroy", false))
	}
	if len(removed.Content) > 0 {
		yamldoc.Put(root, "removed", removed)
	}
	moved := &yaml.Node{Kind: yaml.SequenceNode}
	for _, m := range f.Moved {
		moved.Content = append(moved.Content, yamldoc.FlowMapping("from", m.From.String(), "to", m.To.String()))
	}
	for _, name := range f.FormerNames {
		moved.Content = append(moved.Content, yamldoc.FlowMapping("from", "fleet."+name))
	}
	if len(moved.Content) > 0 {
		yamldoc.Put(root, "moved", moved)
	}
	if f.Prices != nil {
		yamldoc.Put(root, "prices", f.Prices.node())
	}
	if hooks := f.Hooks.node(); len(hooks.Content) > 0 {
		yamldoc.Put(root, "hooks", hooks)
	}
	if bounds := f.Parallelism.node(); len(bounds.Content) > 0 {
		yamldoc.Put(root, "parallelism", bounds)
	}
}

// hasResource reports whether the fleet has the resource, or a copy of it.
func (f *Fleet) hasResource(a Address) bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return a.covers(r.Address) })
}
