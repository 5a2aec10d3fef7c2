package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/internal/imageview"
	"fleet/plan"
)

// imageDockerfilesText writes the Dockerfile of one image as a file has it, and those of
// several under a comment each.
func imageDockerfilesText(w io.Writer, list []imageview.Dockerfile) error {
	for i, d := range list {
		if len(list) > 1 {
			fmt.Fprintf(w, "%s# %s\n", strings.Repeat("\n", min(i, 1)), d.Address)
		}
		if _, err := io.WriteString(w, d.Text); err != nil {
			return err
		}
	}
	return nil
}

func imageDockerfilesJSON(w io.Writer, list []imageview.Dockerfile) error {
	return writeJSON(w, struct {
		Version int                    `json:"version"`
		Images  []imageview.Dockerfile `json:"images"`
	}{jsonVersion, list})
}

// ImageContexts are what fleet image context found.
type ImageContexts struct {
	Images []imageview.Context
	Style  Style // of text
}

func imageContextsJSON(w io.Writer, x ImageContexts) error {
	return writeJSON(w, struct {
		Version int                 `json:"version"`
		Images  []imageview.Context `json:"images"`
	}{jsonVersion, x.Images})
}

func imageContextsText(w io.Writer, x ImageContexts) error {
	for i, c := range x.Images {
		if i > 0 {
			fmt.Fprintln(w)
		}
		imageContextText(w, c, x.Style)
	}
	return nil
}

func imageContextText(w io.Writer, c imageview.Context, s Style) {
	if len(c.Archives) == 0 {
		fmt.Fprintf(w, "%s copies no local files.\n", s.Bold(c.Address.String()))
	} else {
		fmt.Fprintf(w, "%s: %s, %s in %s\n", s.Bold(c.Address.String()), fileCount(c.Files), buildcontext.FormatBytes(c.Bytes), plan.Plural(len(c.Archives), "archive", "archives"))
	}
	for _, a := range c.Archives {
		archiveText(w, a)
	}
	if len(c.Largest) > 0 {
		fmt.Fprintln(w, "\nLargest files:")
		imageFilesText(w, c.Largest)
	}
	if len(c.Ignored) > 0 {
		fmt.Fprintln(w, "\nIgnored:")
	}
	for _, i := range c.Ignored {
		fmt.Fprintf(w, "  %s  (%s:%d)\n", i.Path, i.File, i.Line)
	}
	if c.IgnoredOmitted {
		fmt.Fprintln(w, "  and more, which are not listed")
	}
	for _, text := range c.Warnings {
		fmt.Fprintf(w, "\nLeft out: %s\n", text)
	}
}

func archiveText(w io.Writer, a imageview.Archive) {
	stored := ""
	if a.Stored != nil {
		stored = map[bool]string{true: ", stored", false: ", not stored"}[*a.Stored]
	}
	fmt.Fprintf(w, "\n%s: %s, %s%s\n  sha256 %s\n", a.Source, fileCount(a.Files), buildcontext.FormatBytes(a.Bytes), stored, a.Hash)
	imageFilesText(w, a.Entries)
}

// maxImageFiles is the number of files of an archive that text lists.
const maxImageFiles = 200

func imageFilesText(w io.Writer, files []imageview.File) {
	for _, f := range files[:min(len(files), maxImageFiles)] {
		link := ""
		if f.Link != "" {
			link = " -> " + f.Link
		}
		fmt.Fprintf(w, "  %s %9s  %s%s\n", f.Mode, buildcontext.FormatBytes(f.Size), f.Path, link)
	}
	if more := len(files) - maxImageFiles; more > 0 {
		fmt.Fprintf(w, "  and %s; --top lists the largest, -o json all\n", plan.Plural(more, "more file", "more files"))
	}
}

func fileCount(n int) string { return plan.Plural(n, "file", "files") }
