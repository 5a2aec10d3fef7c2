package spec

import (
	"testing"

	"fleet/internal/yamldoc"
)

// TestMarks: a byte order mark may begin a file and each of its documents.
func TestMarks(t *testing.T) {
	for _, text := range []string{
		"\ufeffversion: 1\nname: demo\n---\nsandboxes: {a: {}}\n",
		"version: 1\nname: demo\n\ufeff---\nsandboxes: {a: {}}\n",
		"\ufeff---\r\nversion: 1\r\nname: demo\r\n---\r\n\ufeffsandboxes: {a: {}}\r\n",
		"version: 1\nname: demo\n...\n\ufeff# a\n---\nsandboxes: {a: {}}\n",
		"\ufeff# first\nversion: 1\nname: demo\n\ufeff# second\n\n--- \nsandboxes: {a: {}}\n",
		"version: 1\nname: demo\n---\n# second\n\n\ufeffsandboxes: {a: {}}\n",
	} {
		f, err := Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
		switch {
		case err != nil:
			t.Errorf("%q: %v", text, err)
		case len(f.Resources) != 1:
			t.Errorf("%q: %d resources", text, len(f.Resources))
		}
		if _, err := yamldoc.Parse(Source{Name: "fleet.yaml", Text: []byte(text)}); err != nil {
			t.Errorf("%q: %v", text, err)
		}
	}
	for _, text := range []string{"a: \ufeffb\n", "a: |\n  x\n  \ufeff---\n", "a: '\n  \ufeffb'\n", "a: 1\n\ufeffb: 2\n"} {
		same(t, "a mark elsewhere", string(yamldoc.TrimBOMs([]byte(text))), text)
	}
}
