package spec

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"fleet/internal/dockerfile"
)

// maxDigestRequests is the number of tags whose digests are requested at a time.
const maxDigestRequests = 8

// A tagDigest is the digest of a registry reference with a tag, or why it is not known.
type tagDigest struct {
	digest string
	err    error
}

// requestDigests finds the digests of the base images of all images in use that have
// pull: always. Each reference is requested once.
func (l *loader) requestDigests(f *Fleet) {
	anyPulls := slices.ContainsFunc(slices.Collect(maps.Values(l.images)), func(def *imageDefinition) bool { return def.pulls })
	if l.options.ResolveDigest == nil || !anyPulls {
		return
	}
	l.digests = map[string]*tagDigest{}
	var group errgroup.Group
	group.SetLimit(maxDigestRequests)
	for _, ref := range l.pulledTags(f) {
		d := &tagDigest{}
		l.digests[ref] = d
		group.Go(func() error {
			d.digest, d.err = l.options.ResolveDigest(l.context(), ref)
			return nil
		})
	}
	_ = group.Wait() // each digest has its own error
}

// pulledTags returns the references with tags that images in use with pull: always start
// from, each once.
func (l *loader) pulledTags(f *Fleet) []string {
	var refs []string
	seen := map[string]bool{}
	for _, r := range f.Resources {
		for _, a := range Tables[r.Kind] {
			if a.Ref != ImageKind {
				continue
			}
			i, ok := r.attrs.get(a).(Image)
			def := l.images[i.Name]
			if !ok || def == nil || !def.pulls || seen["image "+i.Name] {
				continue
			}
			seen["image "+i.Name] = true
			file, _ := dockerfile.Parse(def.dockerfile) // it was checked
			for _, b := range file.Bases(nil) {
				if hasTag(b) && !seen[b.Image] {
					seen[b.Image] = true
					refs = append(refs, b.Image)
				}
			}
		}
	}
	return refs
}

// hasTag reports whether a base is one of FROM whose tag may move.
func hasTag(b dockerfile.Base) bool {
	return b.Keyword == "FROM" && b.Unknown == "" && !strings.Contains(b.Image, "@")
}

// reportDigest reports at an image that the digest of a base is not known: once for all
// copies of a group.
func (l *loader) reportDigest(def *imageDefinition, ref string, err error) {
	path := def.decl.Kind.Section() + "." + def.decl.Key + "." + pullRow.Key
	key := path + " " + ref
	if l.failedDigests[key] {
		return
	}
	if l.failedDigests == nil {
		l.failedDigests = map[string]bool{}
	}
	l.failedDigests[key] = true
	m := def.decl.decoder.ErrorfAt(def.pos, path, "%v", err)
	if hinted, ok := errors.AsType[interface {
		error
		Hint() string
	}](err); ok {
		m.Hint = hinted.Hint()
	}
}
