package spec

import (
	"errors"
	"strings"
	"testing"
)

// TestCommandsStay: valid commands are rendered unchanged.
func TestCommandsStay(t *testing.T) {
	for steps, want := range map[string]string{
		`[{run_commands: ["a \\\n# why\n\n  b\n"]}]`:                               "RUN a \\\n# why\n\n  b",
		`[{run_commands: ["a \\\n  b\nENV c=1"]}]`:                                 "RUN a \\\n  b\nENV c=1",
		`[{run_commands: ["a <<E \\\n && b\nc \\\nd\nE"]}]`:                        "RUN a <<E \\\n && b\nc \\\nd\nE",
		`[{run_commands: ['a \\']}, {workdir: /c}]`:                                "RUN a \\\\\nWORKDIR /c",
		`[{run_commands: [[bash, -c, "a \\\n b"]]}]`:                               "RUN \"bash\" \"-c\" \"a \\\n b\"",
		`[{run_commands: [[a, ""], [b, 'c\\']]}]`:                                  "RUN \"a\" \"\"\nRUN \"b\" \"c\\\\\"",
		`[{run_commands: []}, {run_commands: ["--mount=type=cache,target=/x a"]}]`: "RUN --mount=type=cache,target=/x a",
	} {
		same(t, steps, builtFrom(t, `base: "a:1", steps: `+steps), "FROM a:1\n"+want+"\n")
	}
}

// TestCommandsRefused: commands that a build would refuse or misread are errors.
func TestCommandsRefused(t *testing.T) {
	for image, problem := range map[string]string{
		`dockerfile: "FROM\n#\n"`:                                                   "FROM requires",
		`base: "a:1", steps: [{run_commands: [[]]}]`:                                "has no words",
		`base: "a:1", steps: [{run_commands: [[" ", a]]}]`:                          "must not be empty",
		`base: "a:1", steps: [{run_commands: [[a, "b\nc"]]}]`:                       "one line of the Dockerfile",
		`base: "a:1", steps: [{run_commands: [[a, "b \\\\\nc"]]}]`:                  "one line of the Dockerfile",
		`base: "a:1", steps: [{run_commands: [[a, "b\r\nc"]]}]`:                     "one line of the Dockerfile",
		`base: "a:1", steps: [{run_commands: [[a, "b\\", c]]}]`:                     "would escape the closing quote",
		`base: "a:1", steps: [{run_commands: ["a \\"]}]`:                            "ends in a backslash",
		`base: "a:1", steps: [{run_commands: ["a \\ \t\n"]}]`:                       "ends in a backslash",
		`base: "a:1", steps: [{run_commands: ["a \\\r"]}]`:                          "ends in a backslash",
		`base: "a:1", steps: [{run_commands: ["a \\\n\n \n"]}]`:                     "ends in a backslash",
		`base: "a:1", steps: [{run_commands: ["a \\\n b \\\n# c"]}]`:                "ends in a backslash",
		`base: "a:1", steps: [{run_commands: ["a \\\n b\nc d"]}]`:                   "one line",
		`base: "a:1", steps: [{run_commands: ["\na \\\n b"]}]`:                      "one line",
		`base: "a:1", steps: [{run_commands: ["a \\\\\n \\\n b"]}]`:                 "one line",
		`dockerfile: "FROM a\nRUN b \\\n", steps: [{workdir: /c}]`:                  "part of its last line",
		"dockerfile: \"# escape=`\\nFROM a\\nRUN b `\\n\", steps: [{workdir: /c}]":  "part of its last line",
		`dockerfile: "FROM a:1\nFROM --platform=x \\\n B/c:1 AS d"`:                 "fleet.yaml:4:30: images.i.dockerfile: \"B/c:1\" is not",
		`dockerfile: "FROM a:1 AS B\nFROM b\nFROM B\nFROM scratch\nFROM b_c.d/e:1"`: "fleet.yaml:4:65: images.i.dockerfile: \"b_c.d/e:1\" is not",
		`dockerfile: "FROM a:1\n#FROM X/y\nRUN <<E\nFROM X/y\nE\nfrom X"`:           "fleet.yaml:4:63: images.i.dockerfile: \"X\" is not",
		`dockerfile: "FROM $X/Y"`:                                                   "X has no value",
		`dockerfile: "ARG X\nFROM $${X}/Y:1"`:                                       "X has no value",
		`base: "a:1", steps: [{run_commands: [--mount=type=cache]}]`:                "RUN has no command",
	} {
		_, err := Parse(Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nimages:\n  i: {" + image + "}\n")})
		var found Diagnostics
		if !errors.As(err, &found) || !strings.Contains(err.Error(), problem) || len(found)-found.Warnings() != 1 {
			t.Errorf("%s: %v, want %q", image, err, problem)
		}
	}
}

// TestDockerfileLeftAlone: a Dockerfile may end in a comment or backslash, and start from
// the image that a variable names.
func TestDockerfileLeftAlone(t *testing.T) {
	for text, want := range map[string]string{
		`"FROM a\nRUN b \\"`:                    "FROM a\nRUN b \\\n",
		`"ARG X=y\nFROM ${X}/y:1\nFROM \"$X\""`: "ARG X=y\nFROM ${X}/y:1\nFROM \"$X\"\n",
		`"FROM a\n# b\\\n"`:                     "FROM a\n# b\\\n",
	} {
		text = strings.ReplaceAll(text, "${", "$${")
		same(t, text, builtFrom(t, "dockerfile: "+text), want)
	}
}
