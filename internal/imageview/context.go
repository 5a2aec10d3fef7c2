package imageview

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/spec"
)

// A Context is what the build of an image receives besides its Dockerfile.
type Context struct {
	Address  spec.Address `json:"address"`
	Files    int          `json:"files"` // in all archives
	Bytes    int64        `json:"bytes"` // the sum of the sizes of the files
	Archives []Archive    `json:"archives"`
	Largest  []File       `json:"largest,omitempty"`  // the largest files, if they were asked for
	Ignored  []Ignored    `json:"ignored,omitempty"`  // what ignore files exclude, if it was asked for
	Warnings []string     `json:"warnings,omitempty"` // files that were left out for other reasons

	IgnoredOmitted bool `json:"ignored_omitted,omitempty"` // more is excluded than Ignored lists
}

// An Archive is one file or directory that is copied. It is one object in the storage.
type Archive struct {
	Source   string `json:"source"` // path on disk
	Hash     string `json:"hash"`
	Files    int    `json:"files"`
	Bytes    int64  `json:"bytes"`
	TarBytes int64  `json:"tar_bytes"`         // size of the upload
	Stored   *bool  `json:"stored,omitempty"`  // the storage has it; nil if it was not asked
	Entries  []File `json:"entries,omitempty"` // sorted by path; nil if only the largest files are listed
}

// A File is a file of an archive.
type File struct {
	Path string `json:"path"` // in the build context
	Mode string `json:"mode"` // such as 0644
	Size int64  `json:"size"` // bytes
	Link string `json:"link,omitempty"`
}

// An Ignored is a path that an ignore file excludes.
type Ignored struct {
	Path string `json:"path"` // on disk; a directory ends in a slash
	File string `json:"file"` // the ignore file
	Line int    `json:"line"`
}

// ContextOptions select what a [Context] has.
type ContextOptions struct {
	Top     int  // list the largest files instead of all; 0 lists all
	Ignored bool // list what is ignored

	// Stored reports whether the storage has an archive of a size in bytes; nil asks
	// nothing.
	Stored func(ctx context.Context, hash string, size int64) (bool, error)
}

// maxIgnored is the number of ignored paths that are listed for one image.
const maxIgnored = 1000

// Inspect hashes the local files of images.
func Inspect(ctx context.Context, h *buildcontext.Hasher, images []spec.ImageDecl, o ContextOptions) ([]Context, error) {
	list := make([]Context, 0, len(images))
	for _, d := range images {
		c, err := inspect(ctx, h, d, o)
		if err != nil {
			return nil, err
		}
		list = append(list, *c)
	}
	return list, nil
}

func inspect(ctx context.Context, h *buildcontext.Hasher, d spec.ImageDecl, o ContextOptions) (*Context, error) {
	c := &Context{Address: d.Address, Archives: []Archive{}}
	for _, s := range d.Sources {
		m, err := h.Hash(ctx, s)
		if err != nil && ctx.Err() == nil {
			err = &spec.Diagnostic{Pos: d.Pos, Path: spec.ImageKind.Section() + "." + d.Key, Message: err.Error()}
		}
		if err != nil {
			return nil, err
		}
		if err := c.add(ctx, s, m, o); err != nil {
			return nil, err
		}
	}
	if o.Top > 0 {
		c.keepLargest(o.Top)
	}
	if !o.Ignored {
		return c, nil
	}
	return c, c.addIgnored(ctx, d.Sources)
}

// add adds the archive of a source, unless it has no files or another source has the same.
func (c *Context) add(ctx context.Context, s buildcontext.Source, m buildcontext.Manifest, o ContextOptions) error {
	for _, w := range m.Warnings {
		c.Warnings = append(c.Warnings, w.String())
	}
	if len(m.Files) == 0 || slices.ContainsFunc(c.Archives, func(a Archive) bool { return a.Hash == m.Hash }) {
		return nil
	}
	a := Archive{
		Source: filepath.ToSlash(filepath.Join(s.Root, filepath.FromSlash(s.Path))),
		Hash:   m.Hash, Files: len(m.Files), Bytes: m.Bytes, TarBytes: m.TarSize(),
	}
	for _, f := range m.Files {
		a.Entries = append(a.Entries, File{Path: f.Path, Mode: fmt.Sprintf("%04o", f.Mode.Perm()), Size: f.Size, Link: f.Link})
	}
	if o.Stored != nil {
		stored, err := o.Stored(ctx, a.Hash, a.TarBytes)
		if err != nil {
			return err
		}
		a.Stored = &stored
	}
	c.Archives = append(c.Archives, a)
	c.Files, c.Bytes = c.Files+a.Files, c.Bytes+a.Bytes
	return nil
}

// keepLargest replaces the files of the archives by the n largest of them all.
func (c *Context) keepLargest(n int) {
	for i, a := range c.Archives {
		c.Largest = append(c.Largest, a.Entries...)
		c.Archives[i].Entries = nil
	}
	slices.SortStableFunc(c.Largest, func(a, b File) int {
		return cmp.Or(cmp.Compare(b.Size, a.Size), strings.Compare(a.Path, b.Path))
	})
	c.Largest = c.Largest[:min(n, len(c.Largest))]
}

// addIgnored lists what the ignore files of the sources exclude.
func (c *Context) addIgnored(ctx context.Context, sources []buildcontext.Source) error {
	type tree struct{ root, ignoreFile string }
	seen := map[tree]bool{}
	for _, s := range sources {
		t := tree{s.Root, s.IgnoreFile}
		if seen[t] {
			continue
		}
		seen[t] = true
		list, more, err := s.IgnoredPaths(ctx, maxIgnored-len(c.Ignored))
		if err != nil {
			return err
		}
		c.IgnoredOmitted = c.IgnoredOmitted || more
		for _, p := range list {
			name := filepath.ToSlash(filepath.Join(s.Root, filepath.FromSlash(p.Path)))
			if p.Dir {
				name += "/"
			}
			c.Ignored = append(c.Ignored, Ignored{Path: name, File: filepath.ToSlash(s.IgnoreFile), Line: p.Line})
		}
	}
	return nil
}
