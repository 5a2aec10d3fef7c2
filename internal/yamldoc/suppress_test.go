package yamldoc

import (
	"testing"
)

func TestAcknowledges(t *testing.T) {
	for line, want := range map[string]struct {
		codes string
		found bool
	}{
		"image: a:b # fleet:ignore moving-tag":                     {"moving-tag", true},
		"image: a:b #fleet:ignore moving-tag":                      {"moving-tag", true},
		"a: 1\t# fleet:ignore x, y":                                {"x y", true},
		"a: 1 # fleet:ignore x y -- since z":                       {"x y", true},
		"a: 1 # fleet:ignore x\r":                                  {"x", true},
		"# fleet:ignore x":                                         {"x", true},
		"a: 1 # fleet:ignore":                                      {"", true},
		"a: 1 # fleet:ignored x":                                   {"", false},
		"a: 1 # see fleet:ignore x":                                {"", false},
		"a: b# fleet:ignore x":                                     {"", false},
		`a: "b # fleet:ignore x"`:                                  {"", false},
		`a: 'it''s # fleet:ignore x'`:                              {"", false},
		`a: "\" # fleet:ignore x"`:                                 {"", false},
		`a: "\\" # fleet:ignore x`:                                 {"x", true},
		`a: '\' # fleet:ignore x`:                                  {"x", true},
		`a: it's # fleet:ignore x`:                                 {"x", true},
		`w: {image: "a # b", env_vars: {T: 'x'}} # fleet:ignore x`: {"x", true},
	} {
		codes, found := ParseSuppression(line)
		got := ""
		for i, c := range codes {
			if i > 0 {
				got += " "
			}
			got += c
		}
		if got != want.codes || found != want.found {
			t.Errorf("%s: %q %t, want %q %t", line, got, found, want.codes, want.found)
		}
	}
}
