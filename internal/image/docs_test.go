package image_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/internal/image"
)

const document = "../../docs/images.md"

// documentedFiles are the local files to which documented images refer.
var documentedFiles = map[string]string{
	"requirements.txt": "requests>=2\n", "Dockerfile": "FROM python:3.12-slim\nCOPY . /app\n",
	"pyproject.toml": "[project]\ndependencies = [\"requests>=2\"]\n[project.optional-dependencies]\ndev = [\"pytest\"]\n",
}

// TestDocumentedImages: each image in the document becomes the Dockerfile below it, and
// every beginning and step is shown.
func TestDocumentedImages(t *testing.T) {
	text, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]bool{}
	inDir(t, documentedFiles)
	parts := strings.Split(string(text), "```yaml image.yaml\n")[1:]
	for _, part := range parts {
		definition, rest, _ := strings.Cut(part, "```\n")
		_, rest, _ = strings.Cut(rest, "```dockerfile\n")
		want, _, _ := strings.Cut(rest, "```\n")
		if got := built(t, definition).Dockerfile; got != want {
			t.Errorf("%s: becomes\n%s\nand the document shows\n%s", definition, got, want)
		}
		for _, row := range slices.Concat(image.Bases, image.Steps) {
			shown[row.Name] = shown[row.Name] || strings.Contains("\n"+definition, "- "+row.Name+":") || strings.HasPrefix(definition, row.Name+":")
		}
	}
	for _, row := range slices.Concat(image.Bases, image.Steps) {
		if !shown[row.Name] {
			t.Errorf("%s is not shown", row.Name)
		}
	}
}

// TestDocumentedDifferences: the document lists every difference from the TypeScript SDK
// with its reason.
func TestDocumentedDifferences(t *testing.T) {
	text, err := os.ReadFile(filepath.FromSlash(document))
	if err != nil {
		t.Fatal(err)
	}
	for class, reason := range sdkDifferences {
		keyword, difference, _ := strings.Cut(class, ": ")
		if row := "| `" + keyword + "` | " + difference + " | " + reason + " |\n"; !strings.Contains(string(text), row) {
			t.Errorf("the document lacks\n%s", row)
		}
	}
}
