package image

import (
	"errors"
	"path"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/dockerfile"
)

// dockerfileCommands are lines of a Dockerfile.
type dockerfileCommands struct {
	text   string
	dir    string // directory of the local files
	lineAt func(line int) diagnostic.Position
}

func (c dockerfileCommands) render(w *writer) {
	w.text.WriteString(c.text)
	w.scan(c.dir, c.lineAt)
}

// decodeCommands reads lines of a Dockerfile, or a mapping of them and a directory.
func decodeCommands(r reader, n *yaml.Node, where string) part {
	c := dockerfileCommands{dir: r.Relative(".")}
	if r.isMapping(n) {
		keys := r.mapping(n, where, commandsKeys)
		if dir := keys["context_dir"]; dir != nil {
			c.dir = r.localPath(dir, at(where, "context_dir")).abs()
		}
		if n = keys["commands"]; n == nil {
			return c
		}
		where = at(where, "commands")
	}
	var starts []commandLine
	for _, item := range r.items(n, where) {
		s, ok := r.Text(item.node, item.path)
		if !ok {
			continue
		}
		s = strings.TrimRight(dockerfile.Normalize(s), "\n") + "\n"
		starts = append(starts, commandLine{first: strings.Count(c.text, "\n") + 1, item: item, text: s})
		c.text += s
	}
	c.lineAt = func(line int) diagnostic.Position {
		l := lineOf(starts, line)
		return r.linePosition(l.item.node, l.text, line-l.first+1)
	}
	if len(starts) > 0 {
		r.checkCommands(c, starts)
	}
	return c
}

// A commandLine is an item of dockerfile_commands.
type commandLine struct {
	item  item
	first int // of its lines, from 1
	text  string
}

// lineOf returns the item that contains a line.
func lineOf(items []commandLine, line int) commandLine {
	found := items[0]
	for _, l := range items {
		if l.first <= line {
			found = l
		}
	}
	return found
}

// checkCommands reports the mistakes in lines of a Dockerfile.
func (r reader) checkCommands(c dockerfileCommands, items []commandLine) {
	f, err := dockerfile.ParseFragment(c.text)
	var problems dockerfile.Problems
	errors.As(err, &problems)
	for _, p := range append(problems, f.Check(nil)...) {
		if p.Warning || err != nil {
			_ = r.report(c.lineAt(p.Line), lineOf(items, p.Line).item.path, p.Message, p)
		}
	}
	if last := items[len(items)-1]; f.EndsInContinuation() {
		r.Errorf(last.item.node, last.item.path, "the commands end in a backslash, which makes the next step a part of them").Hint = "remove the backslash"
	}
}

// abs returns the path relative to the working directory.
func (p localPath) abs() string {
	if path.IsAbs(p.name) {
		return p.name
	}
	return path.Join(p.root, p.name)
}
