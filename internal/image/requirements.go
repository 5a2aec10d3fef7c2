package image

import (
	"regexp"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/diagnostic"
)

// pipRequirements installs what a requirements file lists.
type pipRequirements struct {
	file    localPath
	options string
}

// remoteRequirements is the path of the requirements file in the image, as in the SDK.
const remoteRequirements = "/.requirements.txt"

func (p pipRequirements) render(w *writer) {
	w.line("COPY", copyWords(literalPattern(w.local(p.file, FileSource)), remoteRequirements))
	w.line("RUN python -m pip install -r", remoteRequirements+p.options)
}

// decodeRequirements reads the path of a requirements file, or a mapping of it and
// options.
func decodeRequirements(r reader, n *yaml.Node, path string) part {
	var p pipRequirements
	var keys map[string]*yaml.Node
	where := path
	if r.isMapping(n) {
		keys = r.mapping(n, path, requirementsKeys)
		p.options = r.pipOptions(keys, path)
		if n = keys["requirements_txt"]; n == nil {
			return p
		}
		path = at(path, "requirements_txt")
	}
	before := r.ErrorCount()
	p.file = r.localPath(n, path)
	if r.ErrorCount() > before || p.file.name == "" {
		return p
	}
	text, file, err := r.LocalFile(p.file.name)
	if err != nil {
		r.Errorf(n, path, "the requirements file cannot be read: %s", decode.ReadErrorText(err)).Hint = "paths are relative to the spec file"
		return p
	}
	r.checkRequirements(string(text), file, path)
	r.checkIndexes(string(text), file, where, keys)
	return p
}

// indexOption matches a line of options of a requirements file that replaces the indexes of
// the command line.
var indexOption = regexp.MustCompile(`^(-.*\s)?(-i|--index-url|--pypi-url|--no-index)([\s=]|$)|^(-.*\s)?-i[^-\s]`)

// checkIndexes warns of indexes of the spec that pip does not use, because the requirements
// file has its own.
func (r reader) checkIndexes(text, file, path string, keys map[string]*yaml.Node) {
	line := 1 + slices.IndexFunc(strings.Split(text, "\n"), func(line string) bool {
		return indexOption.MatchString(strings.TrimSpace(line))
	})
	if line == 0 {
		return
	}
	for _, key := range []string{"index_url", "extra_index_urls"} {
		if n := keys[key]; n != nil {
			r.Warnf("other-index", n, at(path, key), "pip does not use it: the requirements file has an index of its own (%s:%d)", file, line).Hint = "remove one of them"
		}
	}
}

var (
	includeOption = regexp.MustCompile(`^(-r|--requirement|-c|--constraint)([\s=]|$)|^(-r|-c)[^-\s]`)
	localPackage  = regexp.MustCompile(`^((-e|--editable)[\s=]+)?(file:|\.{1,2}(/|$|\s|\[)|/)|^(-e|--editable)[\s=]+[^\s:]+$|^[^\s@;=<>]+/[^\s@;:]*(\s|$)|^\S+\.(whl|tar\.gz|zip)(\s|$)|^\S+\s*@\s*file:`)
	localLinks    = regexp.MustCompile(`^(-f|--find-links)([\s=]|$)|^-f[^-\s]`)
	remoteLinks   = regexp.MustCompile(`^(-f|--find-links)[\s=]*(https?|git\+[a-z]+)://`)
	otherOption   = regexp.MustCompile(`^-([^e-]|-([^e]|ex))`) // other than --editable
	remotePackage = regexp.MustCompile(`^((-e|--editable)[\s=]+)?([a-z][a-z+]*)://`)
)

// checkRequirements reports the lines that need files which the image does not have:
// only the requirements file itself is copied.
func (r reader) checkRequirements(text, file, path string) {
	continued := false
	for i, line := range strings.Split(text, "\n") {
		item := strings.TrimSpace(line)
		skip := continued || item == "" || item[0] == '#'
		continued = strings.HasSuffix(line, `\`) && (continued || !strings.HasPrefix(item, "#"))
		if skip {
			continue
		}
		var message, hint string
		switch {
		case includeOption.MatchString(item):
			message = "the requirements file includes another file, which the image does not have"
			hint = "copy the files by add_local_dir and install them by run_commands, or write their lines into this file"
		case localLinks.MatchString(item) && !remoteLinks.MatchString(item):
			message = "the requirements file finds packages at a local path, which the image does not have"
			hint = "copy the packages by add_local_dir and install them by run_commands"
		case !otherOption.MatchString(item) && !remotePackage.MatchString(item) && localPackage.MatchString(item):
			message = "the requirements file installs from a local path, which the image does not have"
			hint = "copy the package by add_local_dir and install it by run_commands"
		default:
			continue
		}
		column := len([]rune(line)) - len([]rune(strings.TrimLeft(line, " \t"))) + 1
		m := r.ErrorfAt(diagnostic.Position{File: file, Line: i + 1, Column: column}, path, "%s", message)
		m.Hint, m.MarkColumn = hint, column
		r.showLine(m, text)
	}
}
