package spec

import (
	"context"
	"slices"
	"strings"

	"fleet/internal/dockerfile"
)

// A BaseImage is an image in a registry that a build starts from.
type BaseImage struct {
	Ref     string   // registry reference, as far as the variables in it are known
	Pos     Position // of the Dockerfile's line, or of the image in the spec
	Address Address  // of the image; of the resource that has the reference itself

	Sensitive bool // the reference may contain a sensitive value
}

// BaseImages returns the images in registries that the builds of the fleet start from,
// each with its first use: those of the images in use, and of sandboxes and snapshots
// that name one. They are in the order of the resources.
func (f *Fleet) BaseImages() []BaseImage {
	var all []BaseImage
	seen := map[string]bool{}
	add := func(b BaseImage) {
		if !seen[b.Ref] {
			seen[b.Ref] = true
			all = append(all, b)
		}
	}
	type content struct{ name, dockerfile string }
	read := map[content]bool{} // many sandboxes may share an image
	for _, r := range f.Resources {
		for _, a := range Tables[r.Kind] {
			if a.Ref != ImageKind {
				continue
			}
			i, ok := r.attrs.get(a).(Image)
			c := content{i.Name, i.Dockerfile}
			if !ok || read[c] {
				continue
			}
			read[c] = true
			if i.Dockerfile == "" {
				add(BaseImage{Ref: i.Name, Pos: r.Pos, Address: r.Address, Sensitive: r.sensitive[a]})
			} else {
				f.addBases(r, i, r.sensitive[a], add)
			}
		}
	}
	return all
}

// addBases adds the bases of an image that a resource is built from.
func (f *Fleet) addBases(r *Resource, i Image, sensitive bool, add func(BaseImage)) {
	at := BaseImage{Pos: r.Pos, Address: r.Address, Sensitive: sensitive}
	if k := slices.IndexFunc(f.images, func(d ImageDecl) bool { return d.Key == i.Name }); k >= 0 {
		at.Pos, at.Address = f.images[k].Pos, f.images[k].Address
	}
	file, _ := dockerfile.Parse(i.Dockerfile) // it was checked when the spec was read
	for _, b := range file.Bases(nil) {
		if b.Unknown == "" && b.Image != "" && b.Image != "scratch" {
			at.Ref = b.Image
			add(at)
		}
	}
}

// pin writes the digests of the base images into the Dockerfile of an image with
// pull: always, so that a tag that moves is a change. It reports registries that cannot be
// read.
func (l *loader) pin(def *imageDefinition) {
	if !def.pulls || l.digests == nil {
		return
	}
	file, _ := dockerfile.Parse(def.dockerfile)
	lines := strings.Split(def.dockerfile, "\n")
	for _, b := range file.Bases(nil) {
		d := l.digests[b.Image]
		if !hasTag(b) || d == nil || d.err == nil && d.digest == "" {
			continue
		}
		if d.err != nil {
			l.reportDigest(def, b.Image, d.err)
			continue
		}
		k := slices.IndexFunc(file.Instructions, func(i dockerfile.Instruction) bool { return i.Line == b.Line })
		pinFrom(lines, file.Instructions[k], b.Image+"@"+d.digest)
	}
	def.dockerfile = strings.Join(lines, "\n")
}

// pinFrom replaces the image of a FROM instruction in the lines of a Dockerfile. The
// numbers of lines remain.
func pinFrom(lines []string, from dockerfile.Instruction, image string) {
	words := strings.Fields(from.String())
	k := 1 + slices.IndexFunc(words[1:], func(w string) bool { return !strings.HasPrefix(w, "--") })
	words[k] = image
	clear(lines[from.Line-1 : from.End])
	lines[from.Line-1] = strings.Join(words, " ")
}

// context returns the context that ends the reading of the spec.
func (l *loader) context() context.Context {
	if l.options.Context == nil {
		return context.Background()
	}
	return l.options.Context
}
