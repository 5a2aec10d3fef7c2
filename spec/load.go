package spec

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"gopkg.in/yaml.v3"
)

// maxFile bounds what is read as a spec: larger files are not specs.
const maxFile = 64 << 20

// Load reads a fleet from files and directories; of a directory, all *.yaml
// and *.yml files directly in it. The parts make up one fleet. An error is of
// type [Mistakes] when the files could be read, and then holds all that is
// wrong with them.
func Load(paths ...string) (*Fleet, error) {
	files, err := Files(paths...)
	if err != nil {
		return nil, err
	}
	var sources []Source
	for _, f := range files {
		text, err := readSpec(f)
		if err != nil {
			return nil, err
		}
		sources = append(sources, Source{f, text})
	}
	return Parse(sources...)
}

// Files lists the files that [Load] would read.
func Files(paths ...string) ([]string, error) {
	var files []string
	for _, p := range paths {
		info, err := os.Stat(p)
		if errors.Is(err, os.ErrNotExist) {
			return nil, &Mistake{Pos: Position{File: p}, Message: "there is no such file or directory", Hint: "name the spec with -f"}
		}
		if err != nil {
			return nil, fmt.Errorf("reading the spec: %w", err)
		}
		if !info.IsDir() {
			files = append(files, p)
			continue
		}
		entries, err := os.ReadDir(p)
		if err != nil {
			return nil, fmt.Errorf("reading the spec: %w", err)
		}
		before := len(files)
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); !e.IsDir() && (ext == ".yaml" || ext == ".yml") {
				files = append(files, filepath.Join(p, e.Name()))
			}
		}
		if len(files) == before {
			return nil, &Mistake{Pos: Position{File: p}, Message: "there are no .yaml or .yml files in this directory"}
		}
	}
	slices.Sort(files)
	return slices.Compact(files), nil
}

func readSpec(file string) ([]byte, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, fmt.Errorf("reading the spec: %w", err)
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading the spec: %w", err)
	}
	if len(text) > maxFile {
		return nil, &Mistake{Pos: Position{File: file}, Message: fmt.Sprintf("the file is larger than %d MiB: this is not a spec", maxFile>>20)}
	}
	return text, nil
}

// A Source is a named text that is part of a spec.
type Source struct {
	Name string
	Text []byte
}

// Parse makes a fleet of sources; see [Load].
func Parse(sources ...Source) (*Fleet, error) {
	if len(sources) == 0 {
		return nil, &Mistake{Message: "no spec is given"}
	}
	var mistakes Mistakes
	l := newLoader(&mistakes)
	files := map[string]*decoder{}
	for _, s := range sources {
		d := &decoder{file: s.Name, lines: strings.Split(strings.ReplaceAll(string(s.Text), "\r\n", "\n"), "\n"), mistakes: &mistakes}
		files[s.Name] = d
		if node := d.document(s.Text); node != nil {
			l.file(d, node)
		} else {
			l.broken = true
		}
	}
	fleet := l.fleet(sources)
	if len(mistakes) > 0 {
		for _, m := range mistakes {
			files[m.Pos.File].mask(m)
		}
		return nil, mistakes.sorted()
	}
	return fleet, nil
}

// document parses a source to its root mapping, or tells of a mistake and
// returns nil.
func (d *decoder) document(text []byte) (root *yaml.Node) {
	top := Position{d.file, 1, 1}
	if !d.isText(text) {
		return nil
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	var doc yaml.Node
	err := dec.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF) || err == nil && (len(doc.Content) == 0 || isNull(doc.Content[0])):
		d.mistakeAt(top, "", "the file is empty").Hint = "a spec begins with version: 1 and name: NAME"
		return nil
	case err != nil:
		d.syntax(err)
		return nil
	}
	var second yaml.Node
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF) || err == nil && (len(second.Content) == 0 || isNull(second.Content[0])):
		return doc.Content[0]
	case err != nil:
		d.syntax(err)
	default:
		d.mistakeAt(Position{d.file, second.Content[0].Line, second.Content[0].Column}, "", "the file holds several YAML documents; write one to a file")
	}
	return nil
}

// isText tells where a source is not UTF-8.
func (d *decoder) isText(text []byte) bool {
	i := invalidUTF8(text)
	if i < 0 {
		return true
	}
	line := 1 + bytes.Count(text[:i], []byte("\n"))
	before := text[bytes.LastIndexByte(text[:i], '\n')+1 : i]
	d.mistakeAt(Position{d.file, line, 1 + utf8.RuneCount(before)}, "", "the file is not UTF-8 text")
	return false
}

var syntaxLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax tells of an error of the YAML parser, which gives at most a line.
func (d *decoder) syntax(err error) {
	m := syntaxLine.FindStringSubmatch(err.Error())
	if m == nil {
		d.mistakeAt(Position{File: d.file}, "", "this is not YAML: %v", err)
		return
	}
	line, err := strconv.Atoi(m[1])
	if err != nil {
		line = d.unnumbered(m[2])
	}
	if strings.HasPrefix(m[2], "did not find expected") {
		line++ // the parser counts lines from 0 here
	}
	anchor := unknownAnchor.FindStringSubmatch(m[2])
	if anchor != nil {
		line = 1 + slices.IndexFunc(d.lines, func(l string) bool { return strings.Contains(l, "*"+anchor[1]) })
	}
	for line > 1 && (line > len(d.lines) || strings.TrimSpace(d.lines[line-1]) == "") {
		line-- // the end of the file: what is not closed is before it
	}
	pos := Position{d.file, line, 1}
	if line > 0 && line <= len(d.lines) {
		text := d.lines[line-1]
		pos.Column = 1 + len([]rune(text)) - len([]rune(strings.TrimLeft(text, " \t")))
		if anchor != nil {
			pos.Column = 1 + len([]rune(text[:strings.Index(text, "*"+anchor[1])]))
		}
	}
	mistake := d.mistakeAt(pos, "", "this is not YAML: %s", m[2])
	if strings.HasPrefix(strings.TrimLeft(mistake.Line, " "), "\t") {
		mistake.Hint = "indent with spaces, not with tabs"
	}
	// What could not be read may be secret.
	if key, _, ok := strings.Cut(mistake.Line, ": "); ok {
		mistake.Line = key + ": ..."
	}
	if strings.ContainsFunc(mistake.Line, isControl) {
		mistake.Line = "" // it would reach the terminal
	}
}

// unnumbered is the line of an error that the parser gives no line for: a
// character that it does not take, or something in the first line.
func (d *decoder) unnumbered(message string) int {
	if strings.HasPrefix(message, "control characters") {
		return 1 + max(0, slices.IndexFunc(d.lines, func(l string) bool { return strings.ContainsFunc(l, isControl) }))
	}
	return 1
}

// isControl is whether YAML has no place for a character.
func isControl(r rune) bool {
	return r < ' ' && r != '\t' && r != '\r' || r > '~' && r < 0xa0 && r != 0x85 || r == 0xfffe || r == 0xffff
}

var unknownAnchor = regexp.MustCompile(`unknown anchor '(.*)' referenced`)

func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
