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
)

// An Encoder writes fleets as specs. [Parse] reads the same resources from what
// it writes, as far as no secret is involved: what stood in defaults stands in
// each block, replicas that are alike are counted, and images are Dockerfiles.
// The zero Encoder hides secrets.
type Encoder struct {
	// Secret is what stands for a secret value at a path such as env_vars.TOKEN
	// of a block; nil leaves it out. A nil func writes (hidden).
	Secret func(block Address, path, value string) *yaml.Node

	// Comment is what to say beside an attribute of a resource, or beside its
	// key, when the attribute is nil; "" says nothing. Of counted resources it is
	// asked about the first.
	Comment func(r *Resource, a *Attribute) string

	// Header is a comment at the top, without its hash signs.
	Header string

	// Environment declares an environment of this name, which changes nothing.
	// Empty declares none.
	Environment string

	// Bare leaves out the version and the name: what is written is to be added to
	// a spec.
	Bare bool

	// HoistRegion says a region that all resources name once, for the whole fleet.
	HoistRegion bool
}

// WriteYAML writes the fleet as a spec in which secrets are hidden.
func (f *Fleet) WriteYAML(w io.Writer) error { return Encoder{}.Encode(w, f) }

// PlainSecret is for [Encoder.Secret]: it writes secrets as they are.
func PlainSecret(_ Address, _, value string) *yaml.Node { return nodeOf(value) }

// SecretFromEnv is for [Encoder.Secret]: it refers to an environment
// variable.
func SecretFromEnv(variable string) *yaml.Node {
	return flowMapping("from_env", variable)
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

// Node is the fleet as the root mapping of a spec. It fails where a spec has no
// words for a resource.
func (e Encoder) Node(f *Fleet) (*yaml.Node, error) {
	x := &encodeState{Encoder: e, keys: map[Address]string{}, images: newImageEncoder()}
	root := mapping()
	if !e.Bare {
		putEntry(root, "version", nodeOf(1))
		putEntry(root, "name", nodeOf(f.Name))
		if e.Environment != "" {
			putEntry(root, "environments", flowMapping(e.Environment, mapping()))
		}
	}
	if e.HoistRegion {
		x.hoisted = commonRegion(f)
	}
	if x.hoisted != "" {
		putEntry(root, "target", nodeOf(x.hoisted))
	}
	sections := map[Kind]*yaml.Node{}
	blocks := map[Kind][]outputBlock{}
	for _, kind := range ObjectKinds {
		blocks[kind] = groupBlocks(f.OfKind(kind))
		for _, w := range blocks[kind] {
			if _, which := w.first.Group(); which == "" { // copies are referred to by name
				x.keys[Address{kind, w.first.Name()}] = w.key
			}
		}
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
			putEntry(sections[SandboxKind], to.Key, flowMapping("count", 0))
		}
	}
	sections[ImageKind] = x.images.node()
	for _, kind := range kinds {
		if len(sections[kind].Content) > 0 {
			putEntry(root, kind.Section(), sections[kind])
		}
	}
	encodeTrailer(root, f)
	return root, nil
}

// An encoding is one fleet on its way to a document.
type encodeState struct {
	Encoder
	keys    map[Address]string // of snapshots and volumes, by kind and remote name
	images  *imageEncoder
	hoisted string // the region that is said for all
}

// commonRegion is the region that all resources name that could name one, or "".
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
	section := mapping()
	for _, w := range blocks {
		block, err := x.block(w)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", w.first.Address, err)
		}
		key := putEntry(section, w.key, block)
		if x.Comment != nil {
			setLineComment(key, block, x.Comment(w.first, nil))
		}
	}
	return section, nil
}

// encodeTrailer writes what is said of objects that the spec does not declare.
func encodeTrailer(root *yaml.Node, f *Fleet) {
	owns := mapping()
	for _, kind := range slices.Sorted(maps.Keys(f.Owns)) {
		if len(f.Owns[kind]) > 0 {
			putEntry(owns, kind.Section(), flowIfShort(nodeOf(f.Owns[kind])))
		}
	}
	if len(owns.Content) > 0 {
		putEntry(root, "owns", owns)
	}
	removed := &yaml.Node{Kind: yaml.SequenceNode}
	for _, a := range f.Removed {
		removed.Content = append(removed.Content, nodeOf(a.String()))
	}
	for _, a := range f.Released {
		removed.Content = append(removed.Content, flowMapping("from", a.String(), "destroy", false))
	}
	if len(removed.Content) > 0 {
		putEntry(root, "removed", removed)
	}
	moved := &yaml.Node{Kind: yaml.SequenceNode}
	for _, m := range f.Moved {
		moved.Content = append(moved.Content, flowMapping("from", m.From.String(), "to", m.To.String()))
	}
	for _, name := range f.FormerNames {
		moved.Content = append(moved.Content, flowMapping("from", "fleet."+name))
	}
	if len(moved.Content) > 0 {
		putEntry(root, "moved", moved)
	}
	if f.Prices != nil {
		putEntry(root, "prices", f.Prices.node())
	}
	if hooks := f.Hooks.node(); len(hooks.Content) > 0 {
		putEntry(root, "hooks", hooks)
	}
	if bounds := f.Parallelism.node(); len(bounds.Content) > 0 {
		putEntry(root, "parallelism", bounds)
	}
}

// hasResource reports whether the fleet has the resource, or a copy of it.
func (f *Fleet) hasResource(a Address) bool {
	return slices.ContainsFunc(f.Resources, func(r *Resource) bool { return a.covers(r.Address) })
}
