package spec_test

import (
	"testing"

	"fleet/spec"
)

// TestNeedsContext: only instructions that copy local files need a build context.
func TestNeedsContext(t *testing.T) {
	for _, c := range []struct {
		dockerfile string
		line       int // 0: it needs none
	}{
		{"FROM a:1\nRUN ls\n", 0},
		{"FROM a:1\nCOPY app /app\n", 2},
		{"FROM a:1\ncopy --chown=1:1 app /app\n", 2},
		{"FROM a:1\nCOPY [\"a b\", \"/app\"]\n", 2},
		{"FROM a:1\nADD app.tar /\n", 2},
		{"FROM a:1\nADD https://example.com/a.tar /\n", 0},
		{"FROM a:1\nADD --checksum=sha256:0 https://example.com/a.tar /\n", 0},
		{"FROM a:1\nADD git@example.com:a/b.git /src\n", 0},
		{"FROM a:1\nADD $URL /\n", 0},
		{"FROM a:1\nADD https://example.com/a b /\n", 2},
		{"FROM a:1\nCOPY https://example.com/a /\n", 2},
		{"FROM a:1 AS b\nFROM c:1\nCOPY --from=b /x /x\n", 0},
		{"FROM a:1\nCOPY --chmod=755 --from=b /x /x\n", 0},
		{"FROM a:1\nCOPY <<EOF /etc/motd\nCOPY x y\nEOF\nRUN true\n", 0},
		{"FROM a:1\nRUN <<EOF\nCOPY x y\nEOF\nCOPY x y\n", 5},
		{"FROM a:1\nRUN echo \\\n  COPY x y\n", 0},
		{"FROM a:1\nRUN echo \\\n# COPY x y\n\n  end\nCOPY \\\n  x y\n", 6},
		{"# escape=`\nFROM a:1\nRUN echo `\n  COPY x y\n", 0},
		{"FROM a:1\n# COPY x y\n", 0},
		{"FROM a:1\nONBUILD COPY x y\n", 0},
	} {
		if l, needs := spec.FirstLocalCopy(c.dockerfile); needs != (c.line > 0) || l.Number != c.line {
			t.Errorf("%q: line %d, want %d", c.dockerfile, l.Number, c.line)
		}
	}
}
