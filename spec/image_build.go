package spec

import (
	"maps"
	"slices"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/internal/image"
)

// An imageDefinition is an image of the spec, or a copy of one.
type imageDefinition struct {
	pos        Position
	dockerfile string
	sensitive  bool          // the Dockerfile contains a sensitive value
	missing    []*Diagnostic // variables that it depends on and that are not set

	shared   bool // sandboxes are created from a snapshot of the image
	decl     *blockDecl
	files    []contextFile // that the build copies
	contexts []buildcontext.Manifest
	hashed   bool // contexts was computed
	partial  bool // local files are missing; see Options.LocalFilesIn
	pulls    bool // the tags of base images are resolved
}

// addImages records the copies of an image by their keys.
func (l *loader) addImages(dc *blockDecl, copies []*Resource) {
	for _, r := range copies {
		def := l.image(dc, r)
		l.images[r.Key] = def
		l.imageDecls = append(l.imageDecls, ImageDecl{
			Resource: r, Image: Image{Name: r.Key, Dockerfile: def.dockerfile}, Sources: def.sources(), Sensitive: def.sensitive,
		})
	}
}

// An ImageDecl is an image that a spec declares, or a copy of one. Its content is
// incomplete if it depends on variables that are not set.
type ImageDecl struct {
	*Resource
	Image     Image                 // without contexts
	Sources   []buildcontext.Source // local files and directories that the build copies
	Sensitive bool                  // the Dockerfile contains a sensitive value
}

// sources returns the local files and directories that the image copies.
func (d *imageDefinition) sources() []buildcontext.Source {
	var list []buildcontext.Source
	for _, f := range d.files {
		list = append(list, f.Source)
	}
	return list
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

// reportProblem reports an error or a warning about an image at its position, which may
// be in a template of another file.
func (l *loader) reportProblem(dc *blockDecl, p image.Problem) {
	image.Report(l.decoderOf(dc, p.Pos), p, l.textOf)
}

// isFlawed reports whether an error was reported for a value of the block or of a
// template that it extends.
func (l *loader) isFlawed(dc *blockDecl) bool {
	return dc.flawed || slices.ContainsFunc(l.lineage(dc, &templateWalk{seen: map[*blockDecl]bool{}}), func(t *blockDecl) bool { return t.flawed })
}

// image returns the definition of one copy.
func (l *loader) image(dc *blockDecl, r *Resource) *imageDefinition {
	def := &imageDefinition{pos: dc.pos, decl: dc, pulls: r.attrs.text(pullRow) == PullAlways, shared: r.attrs.text(shareRow) == ShareSnapshot}
	for _, a := range imageTable {
		def.sensitive = def.sensitive || r.sensitive[a]
		def.missing = append(def.missing, r.unset[a]...)
	}
	build := image.Definition{Pos: dc.pos, Path: dc.Kind.Section() + "." + dc.Key}
	for _, a := range imageBases {
		if b, ok := r.attrs.get(a).(image.Base); ok {
			if dir := r.attrs.text(contextRow); dir != "" {
				b.Dir = dir
			}
			build.Base = b
		}
	}
	build.Steps, _ = r.attrs.get(stepsRow).([]image.Step)
	build.Args, _ = r.attrs.get(argsRow).([]image.Arg)
	if len(def.missing) > 0 || build.Base.Name == "" && l.isFlawed(dc) {
		return def
	}
	content, problems := build.Build()
	for _, p := range problems {
		l.reportProblem(dc, p)
	}
	def.dockerfile = content.Dockerfile
	def.files, def.partial = l.localFiles(dc, content)
	return def
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
