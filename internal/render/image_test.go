package render

import (
	"fmt"
	"strings"
	"testing"

	"fleet/internal/imageview"
	"fleet/spec"
)

// TestImageTextIsBounded: a large context and a large Dockerfile of others do not flood
// the terminal.
func TestImageTextIsBounded(t *testing.T) {
	a := imageview.Archive{Source: "src", Files: 5000}
	for i := range a.Files {
		a.Entries = append(a.Entries, imageview.File{Path: fmt.Sprint(i), Mode: "0644"})
	}
	var b strings.Builder
	if err := imageContextsText(&b, ImageContexts{Images: []imageview.Context{{Files: a.Files, Archives: []imageview.Archive{a}}}}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > maxImageFiles+10 || !strings.Contains(b.String(), "and 4800 more files; --top lists the largest") {
		t.Errorf("%d lines: %s", n, b.String()[b.Len()-200:])
	}
	var have strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&have, "RUN %d\n", i)
	}
	b.Reset()
	d := imageview.Difference{Result: imageview.Different, Before: have.String(), After: "FROM a:1\n", Resources: []spec.Address{{Kind: spec.SandboxKind, Key: "web"}}}
	if err := imageDiffsText(&b, ImageDiffs{Differences: []imageview.Difference{d}}); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(b.String(), "\n"); n > maxDockerfileLines+10 || !strings.Contains(b.String(), "more lines\n") {
		t.Errorf("%d lines", n)
	}
}

// TestImageUsers: of many resources, the first ones are named.
func TestImageUsers(t *testing.T) {
	var list []spec.Address
	for i := range 7 {
		list = append(list, spec.Address{Kind: spec.SandboxKind, Key: fmt.Sprintf("w[%d]", i)})
	}
	same(t, "many", imageUsers(list), "sandbox.w[0], sandbox.w[1], sandbox.w[2], sandbox.w[3], sandbox.w[4] and 2 more")
	same(t, "one", imageUsers(list[:1]), "sandbox.w[0]")
}
