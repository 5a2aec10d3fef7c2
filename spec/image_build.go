package spec

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/dockerfile"
)

// An imageDefinition is an image of the spec, or a copy of one.
type imageDefinition struct {
	pos        Position
	dockerfile string
	sensitive  bool          // the Dockerfile contains a sensitive value
	missing    []*Diagnostic // variables that it depends on and that are not set
}

// addImages records the copies of an image by their keys.
func (l *loader) addImages(dc *blockDecl, copies []*Resource) {
	if !dc.disabled && len(dc.merged.basesSet()) == 0 && !l.isFlawed(dc) {
		_ = dc.decoder.ErrorfAt(dc.pos, dc.Kind.Section()+"."+dc.Key, "an image needs exactly one of %s", baseList())
	}
	for _, r := range copies {
		l.images[r.Key] = l.image(dc, r)
		l.imageDecls = append(l.imageDecls, ImageDecl{r, Image{Name: r.Key, Dockerfile: l.images[r.Key].dockerfile}})
	}
}

// An ImageDecl is an image that a spec declares, or a copy of one. Its content is
// incomplete if it depends on variables that are not set.
type ImageDecl struct {
	*Resource
	Image Image
}

// Images returns the images of the spec, used or not, in the order of the spec.
func (f *Fleet) Images() []ImageDecl { return f.images }

// checkExclusive reports a block that sets several attributes that exclude each other.
func (d *decoder) checkExclusive(kind Kind, b block, pos Position, at string) {
	if starts := b.basesSet(); kind == ImageKind && len(starts) > 1 {
		d.ErrorfAt(pos, at, "an image needs exactly one of %s, not from %s", baseList(), strings.Join(starts, " and "))
	}
}

// baseList lists the bases of images for messages.
func baseList() string {
	keys := Exclusive(ImageKind)
	last := len(keys) - 1
	return strings.Join(keys[:last], ", ") + " and " + keys[last]
}

// basesSet returns the keys of the bases that a block sets.
func (b block) basesSet() (keys []string) {
	for _, a := range imageBases {
		if v, ok := b[a]; ok && !v.isNull {
			keys = append(keys, a.Key)
		}
	}
	return keys
}

// isFlawed reports whether an error was reported for a value of the block or of a
// template that it extends.
func (l *loader) isFlawed(dc *blockDecl) bool {
	return dc.flawed || slices.ContainsFunc(l.lineage(dc, &templateWalk{seen: map[*blockDecl]bool{}}), func(t *blockDecl) bool { return t.flawed })
}

// image returns the definition of one copy.
func (l *loader) image(dc *blockDecl, r *Resource) imageDefinition {
	def := imageDefinition{pos: dc.pos}
	for _, a := range imageTable {
		def.sensitive = def.sensitive || r.sensitive[a]
		def.missing = append(def.missing, r.unset[a]...)
	}
	steps := r.attrs.text(stepsRow)
	switch {
	case r.attrs[baseRow] != nil:
		def.dockerfile = "FROM " + r.attrs.text(baseRow) + "\n"
	case r.attrs[debianSlimRow] != nil:
		def.dockerfile = debianSlim(r.attrs.text(debianSlimRow))
	default:
		def.dockerfile = l.ownDockerfile(r, steps != "")
	}
	def.dockerfile += steps
	return def
}

// ownDockerfile returns the text of an image's own Dockerfile, or "".
func (l *loader) ownDockerfile(r *Resource, hasSteps bool) string {
	for _, a := range []*Attribute{dockerfileRow, fromDockerfileRow} {
		s, ok := r.attrs[a].(dockerfileSource)
		if !ok {
			continue
		}
		if f, _ := dockerfile.Parse(s.text); hasSteps && f.EndsInContinuation() {
			s.decoder.Errorf(s.node, s.path, "the Dockerfile ends in a backslash, which makes the first step a part of its last line").Hint = "remove the backslash"
		}
		return s.text
	}
	return ""
}

// replaceContent drops the content of an image in the layers below if an environment
// sets a base.
func (dc *blockDecl) replaceContent(over block) {
	if len(over.basesSet()) == 0 {
		return
	}
	for i, layer := range dc.layers {
		dc.layers[i] = maps.Clone(layer)
		maps.DeleteFunc(dc.layers[i], func(a *Attribute, _ locatedValue) bool { return a.Role == Part })
	}
}
