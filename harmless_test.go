package main

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// acting matches characters that act on a terminal or deceive a reader: controls
// except line breaks and tabs, and characters that reorder or hide text. It is
// independent of the program's own list.
var acting = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

// hostileCommand matches the commands that the scripts try to pass to a CI runner.
var hostileCommand = regexp.MustCompile(`(?m)^\s*::(add-mask|stop-commands)|##\[`)

func cmdHarmless(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		text := ts.ReadFile(name)
		if strings.TrimSpace(text) == "" && !neg {
			ts.Fatalf("%s is empty: it shows nothing", name)
		}
		found := acting.FindString(text)
		if found == "" {
			found = hostileCommand.FindString(text)
		}
		if (found != "") != neg {
			ts.Fatalf("%s: %q\n%q", name, found, text)
		}
	}
}
