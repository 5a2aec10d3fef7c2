package cli

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/exit"
)

func TestRedactingWriter(t *testing.T) {
	for _, tt := range []struct {
		values        []string
		text, written string
	}{
		{nil, "all of it", "all of it"},
		{[]string{"hunter22"}, "it is hunter22, hunter22", "it is (hidden), (hidden)"},
		{[]string{"hunter22", "hunter2222"}, "hunter2222 hunter22", "(hidden) (hidden)"},
		{[]string{"abc"}, "abc is in every text", "abc is in every text"},
		{[]string{"two\nlines"}, `{"x":"two\nlines"}`, `{"x":"(hidden)"}`},
		{[]string{`a"b<cdef`}, `a"b<cdef a\"b\u003ccdef`, "(hidden) (hidden)"},
	} {
		var b bytes.Buffer
		n, err := newRedactingWriter(newRedactingWriter(&b, []string{"again"}), tt.values).Write([]byte(tt.text))
		if err != nil || n != len(tt.text) || b.String() != tt.written {
			t.Errorf("%q: %q, %d, %v; want %q", tt.text, b.String(), n, err, tt.written)
		}
	}
}

// A bomb panics with a secret when it is written to.
type bomb struct{ secret string }

func (b bomb) Write([]byte) (int, error) { panic("cannot write " + b.secret) }

// TestPanicsHideSecrets: an internal error is reported without secrets.
func TestPanicsHideSecrets(t *testing.T) {
	const secret = "hunter2222"
	file := filepath.Join(t.TempDir(), "fleet.yaml")
	text := "version: 1\nname: demo\nvars: {token: {sensitive: true, default: " + secret + "}}\nsandboxes: {}\n"
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	var stderr bytes.Buffer
	code := Main(Process{
		Args: []string{"validate", "-f", file}, Out: bomb{secret}, Err: &stderr,
		Lookup: func(string) (string, bool) { return "", false },
	})
	if code != exit.Failed || strings.Contains(stderr.String(), secret) || !strings.Contains(stderr.String(), "cannot write (hidden)") {
		t.Errorf("exit code %d: %s", code, stderr.String())
	}
}
