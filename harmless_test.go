package main

import (
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// acting is what acts on a terminal, or deceives who reads: controls but line
// breaks and tabs, and what turns or hides text. It is written down again, so that
// the program is not its own judge.
var acting = regexp.MustCompile("[\x00-\x08\x0b-\x1f\x7f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]")

// hostileCommand is what the scripts try to give to a runner.
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
