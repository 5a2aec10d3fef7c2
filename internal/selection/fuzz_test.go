package selection

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"fleet/plan"
)

// actsOnTerminal reports whether a text has control characters, or characters
// that change its direction.
func actsOnTerminal(text string) bool {
	return strings.ContainsFunc(text, func(r rune) bool {
		return r < ' ' && r != '\n' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
	})
}

// FuzzSelectionFile reads files of selectors with arbitrary content.
func FuzzSelectionFile(f *testing.F) {
	for _, seed := range []string{
		"sandbox.web\n", "sandbox.web[3]\r\n# all others\nvolume.*  # too\n", "\ufeffsandbox.web", "sandbox.web[", "sandbox.[0]", "*", "@other",
		"sandbox.\x1b[2J", "sandbox.\u202eweb", "sandbox.web\x00", "\xff\xfe", "sandbox." + strings.Repeat("[", 500), "# nothing\n\n",
	} {
		f.Add(seed)
	}
	name := filepath.Join(f.TempDir(), "selection")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := ReadSelectors(t.Context(), "--target", []string{"@" + name})
		if err != nil {
			if text := strings.ReplaceAll(err.Error(), name, ""); actsOnTerminal(text) {
				t.Errorf("the error acts on a terminal: %q", text)
			}
			return
		}
		if len(list) == 0 {
			t.Error("a file without selectors selects something")
		}
		for _, s := range list {
			again, err := plan.ParseSelector(s.String())
			if err != nil || again.String() != s.String() {
				t.Errorf("%q is %q when it is read again: %v", s, again, err)
			}
		}
	})
}

// FuzzOnlyFailed reads reports with arbitrary content.
func FuzzOnlyFailed(f *testing.F) {
	for _, seed := range []string{
		`{"version":1,"fleet":"demo","results":[{"step":{"address":"sandbox.web","action":"create"},"outcome":"failed"}]}`,
		`{"version":1,"fleet":"other","results":[]}`, `{"version":1,"fleet":"demo","error":"no \u001b[2J answer"}`,
		`{"version":99}`, `{"results":[null]}`, `[]`, `{"version":1,"fleet":"\u001b[2J","results":[{}]}`, "", "\x00",
	} {
		f.Add(seed)
	}
	name := filepath.Join(f.TempDir(), "report.json")
	f.Fuzz(func(t *testing.T, text string) {
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		list, err := FailedAddresses(t.Context(), name, "demo")
		switch {
		case err != nil && utf8.ValidString(text):
			if text := strings.ReplaceAll(err.Error(), name, ""); actsOnTerminal(text) {
				t.Errorf("the error acts on a terminal: %q", text)
			}
		case err == nil && list == nil:
			t.Error("a nil list would plan everything")
		}
	})
}
