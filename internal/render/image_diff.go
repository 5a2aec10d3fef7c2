package render

import (
	"fmt"
	"io"
	"strings"

	"fleet/internal/imageview"
	"fleet/internal/render/diff"
	"fleet/plan"
	"fleet/spec"
)

// ImageDiffs are what fleet image diff found.
type ImageDiffs struct {
	Fleet       string
	Differences []imageview.Difference
	Style       Style // of text
}

// An imageDiffJSON is a difference with the one of its Dockerfiles.
type imageDiffJSON struct {
	imageview.Difference
	Dockerfile string `json:"dockerfile_diff,omitempty"` // as diff -u writes it
}

func imageDiffsJSON(w io.Writer, x ImageDiffs) error {
	list := make([]imageDiffJSON, len(x.Differences))
	for i, d := range x.Differences {
		list[i] = imageDiffJSON{d, dockerfileDiff(d, Style{})}
	}
	return writeJSON(w, struct {
		Version     int             `json:"version"`
		Fleet       string          `json:"fleet"`
		Differences []imageDiffJSON `json:"differences"`
	}{jsonVersion, x.Fleet, list})
}

func imageDiffsText(w io.Writer, x ImageDiffs) error {
	for i, d := range x.Differences {
		if i > 0 {
			fmt.Fprintln(w)
		}
		fmt.Fprintf(w, "%s: %s\n", x.Style.Bold(d.Image.String()), imageResult(d))
		text := dockerfileDiff(d, x.Style)
		fmt.Fprint(w, text)
		clauses := d.Files
		if text == "" {
			clauses = append(d.Instructions[:len(d.Instructions):len(d.Instructions)], d.Files...)
		}
		for _, c := range clauses {
			fmt.Fprintf(w, "  %s\n", c)
		}
	}
	return nil
}

// imageResult returns the result of a comparison as a clause.
func imageResult(d imageview.Difference) string {
	users := imageUsers(d.Resources)
	switch d.Result {
	case imageview.Same:
		return "no difference from " + users
	case imageview.Missing:
		return plan.PluralWord(len(d.Resources), "does not exist: ", "do not exist: ") + users
	case imageview.Unknown:
		return "differs from " + users + "; the server does not return the former Dockerfile"
	}
	return "differs from " + users
}

// imageUsers lists resources; of many, the first ones.
func imageUsers(list []spec.Address) string {
	const few = 5
	var names []string
	for _, a := range list[:min(len(list), few)] {
		names = append(names, a.String())
	}
	if more := len(list) - few; more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return plan.JoinAnd(names)
}

// maxDockerfileLines is the number of lines of a difference that are written.
const maxDockerfileLines = 1000

// dockerfileDiff returns the difference of the Dockerfiles, or "" if it is not known or
// there is none.
func dockerfileDiff(d imageview.Difference, s Style) string {
	var b strings.Builder
	diff.WriteUnified(&b, "Dockerfile", d.Before, d.After, s)
	lines := strings.SplitAfter(b.String(), "\n")
	if more := len(lines) - 1 - maxDockerfileLines; more > 0 {
		return strings.Join(lines[:maxDockerfileLines], "") + fmt.Sprintf("and %d more lines\n", more)
	}
	return b.String()
}
