package cli

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"testing"
)

// TestMasked writes sensitive values in all the ways in which they may be
// written.
func TestMasked(t *testing.T) {
	for _, secret := range []string{"hunter2", "two words", `"quoted" \n`, "<a&b>", "two\nlines", "é/ü?x=1", "100%", "tab\there"} {
		t.Run(secret, func(t *testing.T) {
			ways := map[string]string{
				"plain":    "it is " + secret + ".",
				"quoted":   fmt.Sprintf("it is %q.", secret),
				"path":     "GET /sandbox/" + url.PathEscape(secret) + "/x",
				"query":    "GET /sandbox?name=" + url.QueryEscape(secret),
				"json":     asJSON(t, secret, true),
				"not html": asJSON(t, secret, false),
				"logged":   logged(secret),
			}
			for way, text := range ways {
				var out bytes.Buffer
				w := mask(&out, []string{secret, "abc"})
				if n, err := w.Write([]byte(text)); n != len(text) || err != nil {
					t.Fatalf("%s: %d bytes of %d were written: %v", way, n, len(text), err)
				}
				if !strings.Contains(out.String(), "(hidden)") {
					t.Errorf("%s: %s is shown as %s", way, text, out.String())
				}
			}
		})
	}
}

func asJSON(t *testing.T, v string, html bool) string {
	t.Helper()
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(html)
	if err := e.Encode(map[string]string{"x": v}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func logged(v string) string {
	var b strings.Builder
	slog.New(slog.NewTextHandler(&b, nil)).Info("request", "value", v)
	return b.String()
}

// TestMaskedLongestFirst: one value may begin like another.
func TestMaskedLongestFirst(t *testing.T) {
	var out bytes.Buffer
	fmt.Fprint(mask(&out, []string{"hunter", "hunter22", ""}), "hunter22 and hunter")
	if out.String() != "(hidden) and (hidden)" {
		t.Errorf("it is shown as %s", out.String())
	}
}

// TestMaskedAgain: a writer is wrapped once, and not at all where there is
// nothing to hide.
func TestMaskedAgain(t *testing.T) {
	if mask(os.Stdout, nil) != os.Stdout || mask(os.Stdout, []string{"abc"}) != os.Stdout {
		t.Error("a writer with nothing to hide is wrapped")
	}
	m, _ := mask(mask(os.Stdout, []string{"hunter2"}), []string{"other"}).(*masked)
	if m == nil || m.to != os.Stdout || len(m.secrets) != 1 {
		t.Errorf("wrapped twice: %+v", m)
	}
}
