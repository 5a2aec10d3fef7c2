package spec

import (
	"cmp"
	"errors"
	"path/filepath"
	"slices"

	"gopkg.in/yaml.v3"

	"fleet/internal/buildcontext"
	"fleet/internal/decode"
	"fleet/internal/image"
	"fleet/internal/yamldoc"
)

// contextDir is the directory of a build context. Its value is the path relative to the
// working directory.
var contextDir = Type{
	Name:   "path of a directory",
	Schema: text.Schema,
	decode: func(d *decoder, n *yaml.Node, path string) (any, bool) {
		s, ok := d.Text(n, path)
		if wrong := notEmpty.Problem(s); ok && wrong != "" {
			d.Errorf(n, path, "%s", wrong)
			return nil, false
		}
		return d.Relative(s), ok
	},
}

// A contextFile is a local file or directory that an image copies, with the place that
// names it.
type contextFile struct {
	from image.Source
	buildcontext.Source
}

// localFiles returns the local files that an image copies, each once, in the order of its
// sources. It reports those that cannot be sent, unless the image may be partial.
func (l *loader) localFiles(dc *blockDecl, build image.Build) (files []contextFile, partial bool) {
	for _, s := range build.Sources {
		sources, err := l.selector.Select(s)
		if err != nil {
			partial = l.reportUnlessPartial(dc, s, err) || partial
			continue
		}
		for _, source := range sources {
			partial = partial || !l.hasLocalFiles(source.Root)
			if !slices.ContainsFunc(files, func(f contextFile) bool { return f.Source == source }) {
				files = append(files, contextFile{s, source})
			}
		}
	}
	return files, partial
}

// hasLocalFiles reports whether a directory is in [Options.LocalFilesIn].
func (l *loader) hasLocalFiles(dir string) bool {
	if l.options.LocalFilesIn == "" {
		return true
	}
	rel, err := filepath.Rel(l.options.LocalFilesIn, dir)
	return err == nil && filepath.IsLocal(rel)
}

// reportUnlessPartial reports what is wrong with a source, or returns true if the image
// may be partial.
func (l *loader) reportUnlessPartial(dc *blockDecl, s image.Source, err error) bool {
	if l.options.LocalFilesIn != "" {
		return true
	}
	l.reportSource(dc, s, err)
	return false
}

// hash completes an image that is in use: it returns the manifests of the files that it
// copies, in their order, and pins its base images. It reports files that cannot be sent.
func (l *loader) hash(def *imageDefinition) []buildcontext.Manifest {
	if def.hashed {
		return def.contexts
	}
	def.hashed = true
	l.pin(def)
	if l.options.Hasher == nil {
		return nil
	}
	for _, f := range def.files {
		f.Dockerfile = def.dockerfile
		m, err := l.options.Hasher.Hash(l.context(), f.Source)
		if err != nil {
			def.partial = l.reportUnlessPartial(def.decl, f.from, err) || def.partial
			continue
		}
		for _, w := range m.Warnings {
			l.warnSource(def.decl, f.from, w)
		}
		isKnown := func(other buildcontext.Manifest) bool { return other.Hash == m.Hash }
		if len(m.Files) > 0 && !slices.ContainsFunc(def.contexts, isKnown) {
			def.contexts = append(def.contexts, m)
		}
	}
	if def.partial {
		def.contexts = append(def.contexts, buildcontext.Manifest{Hash: "partial"})
	}
	return def.contexts
}

// reportSource reports what is wrong with a source at the line that names it: each file
// that cannot be sent as an error of its own.
func (l *loader) reportSource(dc *blockDecl, s image.Source, err error) {
	var several *buildcontext.Problems
	if !errors.As(err, &several) {
		l.reportAt(dc, s, decode.ReadErrorText(err))
		return
	}
	for _, e := range several.List {
		l.reportAt(dc, s, e.Error())
	}
	if several.Omitted > 0 {
		l.reportAt(dc, s, "there are more files that cannot be sent")
	}
}

func (l *loader) reportAt(dc *blockDecl, s image.Source, message string) {
	d, pos := l.placeOf(dc, s)
	if s.DockerfilePath == "" {
		d.ErrorfAt(pos, cmp.Or(s.Path, dc.Kind.Section()+"."+dc.Key), "%s", message)
		return
	}
	d.ErrorIn(yamldoc.NewFile(Source{Name: s.DockerfilePath, Text: l.textOf(s.DockerfilePath)}), pos, s.Path, "%s", message)
}

// warnSource warns of a file that is not sent.
func (l *loader) warnSource(dc *blockDecl, s image.Source, w buildcontext.Warning) {
	d, pos := l.placeOf(dc, s)
	if s.DockerfilePath != "" {
		pos = s.Pos // where a comment can acknowledge it
	}
	d.WarnfAt("left-out", pos, s.Path, "%s", w).Hint = "rename it or add it to the ignore file"
}

// placeOf returns the position of a source in the spec or in a Dockerfile, and the decoder
// of the file of the spec.
func (l *loader) placeOf(dc *blockDecl, s image.Source) (*decode.Decoder, Position) {
	d := l.decoderOf(dc, s.Pos)
	if s.DockerfilePath != "" {
		return d, Position{File: s.DockerfilePath, Line: s.Line, Column: 1}
	}
	return d, s.Pos
}

// decoderOf returns the decoder of the file of a position, or that of the block.
func (l *loader) decoderOf(dc *blockDecl, pos Position) *decode.Decoder {
	if i := slices.IndexFunc(l.Decoders, func(d *decode.Decoder) bool { return d.Name == pos.File }); i >= 0 {
		return l.Decoders[i]
	}
	return dc.decoder.Decoder
}

// textOf returns the text of a file that was read before, for excerpts.
func (l *loader) textOf(file string) []byte {
	text, err := l.read(file)
	if err != nil {
		return nil
	}
	return text
}
