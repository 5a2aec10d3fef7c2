package spec

import "testing"

func TestResembles(t *testing.T) {
	for text, want := range map[string]bool{
		"version: 1\nname: demo\nsandboxes: {a: {}}\n":    true,
		"# a part\nvolumes: {a: {}}\n":                    true,
		"vars: {a: 1}\n---\nname: demo\n":                 true,
		"version: 1\nnme: demo\nsandboxes: {a: {}}\n":     true,
		"version: 9\nname: [wrong]\n":                     true,
		`{"version": 1, "name": "demo", "snapshots": {}}`: true,
		"\ufeffversion: 1\n":                              true,
		"x-base: &a {b: 1}\nvolumes: {a: {}}\n":           true,
		"x-base: {b: 1}\n":                                false,
		"x-base: {b: 1}\nservices: {}\n":                  false,
		"":                                                false, "{}": false, "a: b\n": false, "sandboxes\n": false, "[a\n": false, "- sandboxes: 1\n": false,
		`{"version": 1, "fleet": "demo", "steps": [], "hooks": [{"event": "before_apply"}]}`: false,
		`{"version": 1, "fleet": "demo", "environment": "prod", "results": []}`:              false,
		"version: 1\nservices: {web: {image: x}}\n":                                          false,
		"Plan: 4 to create\n": false,
	} {
		if got := LooksLikeSpec([]byte(text)); got != want {
			t.Errorf("%q: got %v", text, got)
		}
	}
}
