package spec

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/dockerfile"
	"fleet/internal/imageref"
)

// runCommands renders commands: a text unchanged, a list as quoted words.
func runCommands(d *decoder, n *yaml.Node, path string) string {
	var b strings.Builder
	items, _ := d.Sequence(n, path)
	for i, item := range items {
		at := fmt.Sprintf("%s[%d]", path, i)
		if item.Kind == yaml.SequenceNode {
			b.WriteString(runWords(d.words(item, at)))
			continue
		}
		s, ok := d.Text(item, at)
		if ok {
			d.checkCommand(item, at, s)
		}
		b.WriteString("RUN " + strings.TrimRight(s, "\n") + "\n")
	}
	return b.String()
}

// checkCommand checks that a text is one RUN instruction of a Dockerfile.
func (d *decoder) checkCommand(n *yaml.Node, path, s string) {
	s = strings.TrimRight(s, "\n")
	const hint = "write one list item for each command, or end lines with a backslash"
	switch {
	case strings.TrimSpace(s) == "":
		d.Errorf(n, path, "must not be empty")
	case commandContinues(s):
		d.Errorf(n, path, "the command ends in a backslash, which makes the next step a part of it").Hint = "remove the backslash"
	case strings.Contains(s, "\n") && (!strings.Contains(s, "\\\n") || !isInstructions("RUN "+s)):
		d.Errorf(n, path, "a command must be one line").Hint = hint
	}
}

// words reads a command that is given as a list of words.
func (d *decoder) words(n *yaml.Node, path string) []string {
	list, ok := d.Texts(n, path)
	if !ok {
		return list
	}
	items, _ := d.Sequence(n, path)
	if len(list) == 0 {
		d.Errorf(n, path, "the command has no words").Hint = "write the program first, as in [make, install]"
	}
	for i, word := range list {
		at := fmt.Sprintf("%s[%d]", path, i)
		trimmed := strings.TrimRight(word, `\`)
		switch {
		case i == 0 && strings.TrimSpace(word) == "":
			d.Errorf(items[i], at, "the first word is the program: it must not be empty").Hint = "write the program first, as in [make, install]"
		case !dockerfile.IsOneLine(word):
			d.Errorf(items[i], at, "a word must be one line of the Dockerfile").Hint = "write the command as a text of one line"
		case (len(word)-len(trimmed))%2 == 1:
			d.Errorf(items[i], at, "a word must not end in a backslash, which would escape the closing quote").Hint = "write the command as a text"
		}
	}
	return list
}

// isInstructions reports whether a text is a list of instructions of a Dockerfile.
func isInstructions(text string) bool {
	_, err := dockerfile.ParseFragment(text)
	return err == nil
}

// commandContinues reports whether a command continues on the text that follows it.
func commandContinues(command string) bool {
	f, _ := dockerfile.ParseFragment("RUN " + command)
	return f.EndsInContinuation()
}

// checkBaseImages checks the base images of a Dockerfile. References with variables
// whose value is unknown cannot be checked, and references without a tag are legal there.
func (d *decoder) checkBaseImages(n *yaml.Node, path, text string) {
	f, _ := dockerfile.Parse(text)
	for _, base := range f.Bases(nil) {
		if base.Unknown != "" || base.Image == "" {
			continue
		}
		if _, wrong := imageref.ParseReference(base.Image); wrong.Message != "" {
			m := d.RejectText(n, path, base.Image, fmt.Sprintf("line %d of the Dockerfile: %q is not a registry reference: %s", base.Line, base.Image, wrong.Message))
			m.Hint = wrong.Hint
		}
	}
}
