package dockerfile_test

import (
	"strings"
	"testing"

	"fleet/internal/dockerfile"
)

// FuzzParse: no text makes the parser panic, lines are within the text, and line ends do
// not matter.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"", "FROM a:1\nCOPY x /y\n", "# escape=`\nFROM a\nRUN x `\n y", "FROM a\nRUN <<A <<B\n1\nA\n2\nB\nCOPY [\"a\", \"b\"]\n",
		"ARG A=${B:-c}\nFROM $A\nENV X=${A#*/}\nCOPY ${X//a/b} ${X%%?} /\n", "FROM a\nRUN --mount=type=bind,source=$X,target=y z",
		"FROM a AS b\nFROM b\nCOPY --from=b x y\nONBUILD COPY <<E /x\nE\nE\n", "\ufeff#syntax=x\n#\n \\\nFROM a", "FROM a\nCOPY \\\n\n#x\na b",
		"FROM a\nHEALTHCHECK --interval=x CMD\nSHELL [\"a\"]\nSTOPSIGNAL", "FROM a\nENV a=\"b\\\nc\" d='\nUSER $",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		file, _ := dockerfile.Parse(text)
		lines := strings.Count(dockerfile.Normalize(text), "\n") + 1
		before := 0
		for _, i := range file.Instructions {
			if i.Line <= before || i.End < i.Line || i.End > lines {
				t.Fatalf("%q: %q has the lines %d to %d of %d", text, i, i.Line, i.End, lines)
			}
			before = i.End
		}
		file.Check(nil)
		file.Bases(nil)
		if strings.Contains(text, "\r") {
			return
		}
		if a, b := sourceLines(text, nil), sourceLines(strings.ReplaceAll(text, "\n", "\r\n"), nil); a != b {
			t.Fatalf("%q: %s, and with CRLF %s", text, a, b)
		}
		if changes := dockerfile.Changes(text, text); len(changes) > 0 {
			t.Fatalf("%q differs from itself: %s", text, summary(changes))
		}
	})
}
