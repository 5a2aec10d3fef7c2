package spec

import (
	"slices"

	"fleet/internal/decode"
	"fleet/internal/imageref"
)

// Registry returns the host of the image's registry, in lower case.
func (b BaseImage) Registry() string { return imageref.Host(b.Ref) }

// NeedsRegistry reports whether Daytona can only read the image if the organisation has
// added its registry: the host is not that of a well-known public registry.
func (b BaseImage) NeedsRegistry() bool {
	host := b.Registry()
	return host != "" && !imageref.IsPublic(host)
}

// lintRegistries warns about images whose registry Daytona has to know: once for each
// registry and image of the spec.
func (l *loader) lintRegistries(f *Fleet) {
	type warning struct {
		host string
		at   Position
	}
	seen := map[warning]bool{}
	for _, b := range f.BaseImages() {
		i := slices.IndexFunc(l.Decoders, func(d *decode.Decoder) bool { return d.Name == b.Pos.File })
		w := warning{b.Registry(), b.Pos}
		if !b.NeedsRegistry() || i < 0 || seen[w] {
			continue
		}
		seen[w] = true
		key, _ := b.Address.Group()
		what := b.Ref + " is in the registry " + b.Registry() + ", which"
		if b.Sensitive {
			what = "an image is in a registry that"
		}
		m := l.Decoders[i].WarnfAt("private-registry", b.Pos, b.Address.Kind.Section()+"."+key, "%s Daytona has to know", what)
		m.Hint = "add the registry in the Daytona dashboard under Registries; fleet doctor checks that it is there"
	}
}
