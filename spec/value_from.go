package spec

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// valueSources are the ways to give a text by reference instead of writing it
// into the spec. Such a text is sensitive wherever it goes.
var valueSources = []string{"from_env", "from_file", "from_command"}

// isValueFrom reports whether a mapping stands for a text from elsewhere.
func isValueFrom(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) > 0 && slices.ContainsFunc(valueSources, func(k string) bool { return child(n, k) != nil })
}

// valueFrom is the text that a reference stands for.
func (d *nodeDecoder) valueFrom(n *yaml.Node, path string) (string, bool) {
	entries, ok := d.entries(n, path)
	if !ok {
		return "", false
	}
	var from, standard entry
	key := ""
	for _, e := range entries {
		switch {
		case e.name == "default":
			standard = e
			d.hide(e.value)
			d.set.scope.addSecret(followAlias(e.value).Value) // used or not: it is shown where the reference is
		case slices.Contains(valueSources, e.name) && from.name == "":
			from = e
		case e.name == "key":
			key, ok = d.text(e.value, join(path, e.name))
		default:
			d.errorf(e.key, join(path, e.name), "a text is given by one of %s, and of a file key may pick a part", strings.Join(valueSources, ", "))
			ok = false
		}
	}
	if key != "" && from.name != "from_file" {
		d.errorf(n, path, "key picks a part of a file: it goes with from_file")
		ok = false
	}
	if standard.name != "" && from.name != "from_env" {
		d.errorf(standard.key, join(path, standard.name), "only a text from_env has a default, for when the variable is not set")
		ok = false
	}
	if !ok {
		return "", false
	}
	s, err := d.fetchValue(from, key, join(path, from.name))
	if unset := unsetError(""); errors.As(err, &unset) && standard.name != "" {
		if s, ok = d.text(standard.value, join(path, standard.name)); !ok {
			return "", false
		}
		err = nil
	}
	if unset := unsetError(""); errors.As(err, &unset) && d.deferUnset(d.unsetDiagnostic(d.position(from.value), join(path, from.name), "$"+string(unset), readErrorText(err), "")) {
		return "", false
	}
	if err != nil {
		if !errors.Is(err, errReported) {
			m := d.errorf(from.value, join(path, from.name), "%s", readErrorText(err))
			if e := (*expressionError)(nil); errors.As(err, &e) {
				m.Hint = e.hint
			}
		}
		return "", false
	}
	d.taint(stringScalar(s))
	return s, true
}

// An unsetError is the name of an environment variable that is not set.
type unsetError string

func (name unsetError) Error() string {
	return fmt.Sprintf("the environment variable %s is not set", string(name))
}

// fetchValue gets a text from where an entry says.
func (d *nodeDecoder) fetchValue(from entry, key, path string) (string, error) {
	l := d.set
	if from.name == "from_command" {
		argv, ok := d.texts(from.value, path)
		switch {
		case !ok:
			return "", errReported
		case len(argv) == 0:
			return "", errors.New("the command is empty")
		}
		return l.fetchOnce("command\x00"+strings.Join(argv, "\x00"), func() (string, error) { return l.command(argv) })
	}
	name, ok := d.text(from.value, path)
	if !ok {
		return "", errReported
	}
	if from.name == "from_env" {
		if l.options.Lookup != nil {
			if s, set := l.options.Lookup(name); set {
				return s, nil
			}
		}
		return "", unsetError(name)
	}
	file := d.relative(name)
	return l.fetchOnce("file\x00"+file+"\x00"+key, func() (string, error) { return l.secretFile(file, key) })
}

// fetchOnce fetches a text the first time that it is asked for.
func (l *fileSet) fetchOnce(id string, fetch func() (string, error)) (string, error) {
	if s, ok := l.fetchedTexts[id]; ok {
		return s.text, s.err
	}
	s, err := fetch()
	l.fetchedTexts[id] = fetchedText{s, err}
	return s, err
}

type fetchedText struct {
	text string
	err  error
}

// command is what a command prints.
func (l *fileSet) command(argv []string) (string, error) {
	if l.options.Run == nil {
		return "", &expressionError{message: "commands of a spec are not run", hint: "--allow-commands lets it run " + argv[0]}
	}
	out, err := l.options.Once("command\x00"+strings.Join(argv, "\x00"), func() ([]byte, error) { return l.options.Run(argv) })
	if err != nil {
		return "", fmt.Errorf("%s: %w", argv[0], err)
	}
	return l.commandText(out)
}

// secretFile is the text of a file, or of the part of it that the key picks.
// What sops encrypted is decrypted.
func (l *fileSet) secretFile(file, key string) (string, error) {
	text, err := l.options.Read(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no file %s", file)
	}
	if err != nil {
		return "", err
	}
	if !slices.Contains(l.sources, file) {
		l.sources = append(l.sources, file)
	}
	var doc yaml.Node
	unparsed := NewYAMLDecoder(text).Decode(&doc) != nil || len(doc.Content) == 0
	if !unparsed && isEncrypted(doc.Content[0]) {
		if text, err = l.decrypt(file); err != nil {
			return "", err
		}
		doc = yaml.Node{}
		unparsed = NewYAMLDecoder(text).Decode(&doc) != nil || len(doc.Content) == 0
	}
	if key == "" {
		return l.fileText(text)
	}
	if !unparsed && endsInBlockScalar(text, []*yaml.Node{&doc}) != nil {
		l.differing[finalNewlineRule] = true
		unparsed = NewYAMLDecoder(l.rule.source(text)).Decode(&doc) != nil
	}
	if unparsed {
		return "", fmt.Errorf("%s is neither YAML nor JSON: key can pick nothing of it", file)
	}
	n, missing := descend(doc.Content[0], append([]string{file}, strings.Split(key, ".")...), 1)
	if missing != nil {
		return "", missing
	}
	switch n = followAlias(n); {
	case n.Kind != yaml.ScalarNode || isNull(n):
		return "", fmt.Errorf("%s of %s is %s, not a text", key, file, nodeKind(n))
	}
	return n.Value, nil
}

// isEncrypted reports whether sops wrote the document.
func isEncrypted(root *yaml.Node) bool {
	meta := child(followAlias(root), "sops")
	return meta != nil && child(followAlias(meta), "mac") != nil
}

func (l *fileSet) decrypt(file string) ([]byte, error) {
	if l.options.Decrypt == nil {
		return nil, fmt.Errorf("%s is encrypted by sops, which is not at hand", file)
	}
	text, err := l.options.Once("plain\x00"+file, func() ([]byte, error) { return l.options.Decrypt(file) })
	if err != nil {
		return nil, fmt.Errorf("decrypting %s: %w", file, err)
	}
	return text, nil
}

// singleText is a text without the line break that ends most files.
func singleText(b []byte) (string, error) {
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	switch {
	case invalidUTF8(b) >= 0:
		return "", errors.New("it is not UTF-8 text")
	case bytes.IndexByte(b, 0) >= 0:
		return "", errors.New("it holds a NUL character")
	}
	return string(b), nil
}
