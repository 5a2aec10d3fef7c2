package operator

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestFlags: flags are read, and wrong ones are refused with a sentence.
func TestFlags(t *testing.T) {
	o, err := ParseFlags([]string{"--namespaces", "a, b,", "--shards=4"}, &bytes.Buffer{})
	if err != nil || !slices.Equal(o.Namespaces, []string{"a", "b"}) || o.Shards != 4 || o.Workers != 50 || !o.WatchSecrets {
		t.Errorf("%+v, %v", o, err)
	}
	for args, want := range map[string]string{
		"--shards=0":  "--shards must be a number from 1 to 64",
		"--workers=0": "--workers must be",
		"plan":        `takes no arguments, got "plan"`,
		"--unknown":   "not defined",
	} {
		var out bytes.Buffer
		_, err := ParseFlags([]string{args}, &out)
		if err == nil || ExitCode(err) != 2 || !strings.Contains(out.String(), want) {
			t.Errorf("%s: %v\n%s", args, err, out.String())
		}
	}
	if _, err := ParseFlags([]string{"-h"}, &bytes.Buffer{}); ExitCode(err) != 0 {
		t.Errorf("help: %v", err)
	}
}
