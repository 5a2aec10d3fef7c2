package decode

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// ValueSources are the keys that give a text by reference instead of in the spec. Such
// a text is sensitive.
var ValueSources = []string{"from_env", "from_file", "from_command"}

// IsValueFrom reports whether a mapping gives a text by reference.
func IsValueFrom(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) > 0 && slices.ContainsFunc(ValueSources, func(k string) bool { return yamldoc.Child(n, k) != nil })
}

// valueFrom returns the text that a reference stands for.
func (d *Decoder) valueFrom(n *yaml.Node, path string) (string, bool) {
	entries, ok := d.Entries(n, path)
	if !ok {
		return "", false
	}
	var from, standard Entry
	key := ""
	for _, e := range entries {
		switch {
		case e.Name == "default":
			standard = e
			d.Hide(e.Value)
			d.set.scope.addSecret(yamldoc.FollowAlias(e.Value).Value) // even if unused: excerpts show it
		case slices.Contains(ValueSources, e.Name) && from.Name == "":
			from = e
		case e.Name == "key":
			key, ok = d.Text(e.Value, yamldoc.Join(path, e.Name))
		default:
			d.Errorf(e.Key, yamldoc.Join(path, e.Name), "a text is given by one of %s, and of a file key may pick a part", strings.Join(ValueSources, ", "))
			ok = false
		}
	}
	if key != "" && from.Name != "from_file" {
		d.Errorf(n, path, "key picks a part of a file: it goes with from_file")
		ok = false
	}
	if standard.Name != "" && from.Name != "from_env" {
		d.Errorf(standard.Key, yamldoc.Join(path, standard.Name), "only a text from_env has a default, for when the variable is not set")
		ok = false
	}
	if !ok {
		return "", false
	}
	s, err := d.fetchValue(from, key, yamldoc.Join(path, from.Name))
	if unset := unsetError(""); errors.As(err, &unset) && standard.Name != "" {
		if s, ok = d.Text(standard.Value, yamldoc.Join(path, standard.Name)); !ok {
			return "", false
		}
		err = nil
	}
	if unset := unsetError(""); errors.As(err, &unset) && d.deferUnset(d.unsetDiagnostic(d.Position(from.Value), yamldoc.Join(path, from.Name), "$"+string(unset), ReadErrorText(err), "")) {
		return "", false
	}
	if err != nil {
		if !errors.Is(err, errReported) {
			m := d.Errorf(from.Value, yamldoc.Join(path, from.Name), "%s", ReadErrorText(err))
			if e := (*expr.Error)(nil); errors.As(err, &e) {
				m.Hint = e.Hint
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

// fetchValue returns the text from the source that an entry names.
func (d *Decoder) fetchValue(from Entry, key, path string) (string, error) {
	l := d.set
	if from.Name == "from_command" {
		argv, ok := d.Texts(from.Value, path)
		switch {
		case !ok:
			return "", errReported
		case len(argv) == 0:
			return "", errors.New("the command is empty")
		}
		return l.fetchOnce("command\x00"+strings.Join(argv, "\x00"), func() (string, error) { return l.command(argv) })
	}
	name, ok := d.Text(from.Value, path)
	if !ok {
		return "", errReported
	}
	if from.Name == "from_env" {
		if l.options.Lookup != nil {
			if s, set := l.options.Lookup(name); set {
				return s, nil
			}
		}
		return "", unsetError(name)
	}
	file := d.Relative(name)
	return l.fetchOnce("file\x00"+file+"\x00"+key, func() (string, error) { return l.secretFile(file, key) })
}

// fetchOnce returns the result of the first fetch for an id.
func (l *FileSet) fetchOnce(id string, fetch func() (string, error)) (string, error) {
	if s, ok := l.fetchedTexts[id]; ok {
		return s.text, s.err
	}
	s, err := fetch()
	l.fetchedTexts[id] = fetchedText{s, err}
	return s, err
}

// A fetchedText is the result of fetching a text by reference.
type fetchedText struct {
	text string
	err  error
}

// command returns the output of a command.
func (l *FileSet) command(argv []string) (string, error) {
	if l.options.Run == nil {
		return "", &expr.Error{Message: "commands of a spec are not run", Hint: "--allow-commands lets it run " + argv[0]}
	}
	out, err := l.options.Once("command\x00"+strings.Join(argv, "\x00"), func() ([]byte, error) { return l.options.Run(argv) })
	if err != nil {
		return "", fmt.Errorf("%s: %w", argv[0], err)
	}
	return l.commandText(out)
}

// secretFile returns the text of a file, or of the value at key in it. It decrypts a
// file that sops encrypted.
func (l *FileSet) secretFile(file, key string) (string, error) {
	text, err := l.options.Read(file)
	if errors.Is(err, os.ErrNotExist) {
		return "", fmt.Errorf("there is no file %s", file)
	}
	if err != nil {
		return "", err
	}
	if !slices.Contains(l.Sources, file) {
		l.Sources = append(l.Sources, file)
	}
	var doc yaml.Node
	unparsed := yamldoc.NewDecoder(text).Decode(&doc) != nil || len(doc.Content) == 0
	if !unparsed && isEncrypted(doc.Content[0]) {
		if text, err = l.decrypt(file); err != nil {
			return "", err
		}
		doc = yaml.Node{}
		unparsed = yamldoc.NewDecoder(text).Decode(&doc) != nil || len(doc.Content) == 0
	}
	if key == "" {
		return l.fileText(text)
	}
	if !unparsed && yamldoc.EndsInBlockScalar(text, []*yaml.Node{&doc}) != nil {
		l.Differing[finalNewlineRule] = true
		unparsed = yamldoc.NewDecoder(l.rule.source(text)).Decode(&doc) != nil
	}
	if unparsed {
		return "", fmt.Errorf("%s is not YAML or JSON, so that key cannot select a value", file)
	}
	n, missing := descend(doc.Content[0], append([]string{file}, strings.Split(key, ".")...), 1)
	if missing != nil {
		return "", missing
	}
	switch n = yamldoc.FollowAlias(n); {
	case n.Kind != yaml.ScalarNode || yamldoc.IsNull(n):
		return "", fmt.Errorf("%s of %s is %s, not a text", key, file, yamldoc.NodeKind(n))
	}
	return n.Value, nil
}

// FromFile returns the name of the file that a node refers to with from_file, if it
// refers to the text of a whole file.
func (d *Decoder) FromFile(n *yaml.Node, path string) (name string, ok bool) {
	n = d.Resolve(n)
	if n.Kind != yaml.MappingNode || len(n.Content) != 2 || n.Content[0].Value != "from_file" {
		return "", false
	}
	return d.Text(n.Content[1], yamldoc.Join(path, "from_file"))
}

// FileText returns the text of a file, whose name is relative to the decoder's file, and
// its path. The text is no secret. The error is [ErrEncrypted] for a file that sops
// encrypted.
func (d *Decoder) FileText(name string) (text, file string, err error) {
	file = d.Relative(name)
	raw, err := d.set.options.Read(file)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return "", file, fmt.Errorf("there is no file %s", file)
	case err != nil:
		return "", file, err
	}
	var doc yaml.Node
	if yamldoc.NewDecoder(raw).Decode(&doc) == nil && len(doc.Content) > 0 && isEncrypted(doc.Content[0]) {
		return "", file, ErrEncrypted
	}
	if !slices.Contains(d.set.Sources, file) {
		d.set.Sources = append(d.set.Sources, file)
	}
	text, err = d.set.fileText(raw)
	return text, file, err
}

// ErrEncrypted is the error of [Decoder.FileText] for an encrypted file.
var ErrEncrypted = errors.New("the file is encrypted")

// isEncrypted reports whether sops encrypted the document.
func isEncrypted(root *yaml.Node) bool {
	meta := yamldoc.Child(yamldoc.FollowAlias(root), "sops")
	return meta != nil && yamldoc.Child(yamldoc.FollowAlias(meta), "mac") != nil
}

// decrypt returns the plain text of a file that sops encrypted.
func (l *FileSet) decrypt(file string) ([]byte, error) {
	if l.options.Decrypt == nil {
		return nil, fmt.Errorf("%s is encrypted by sops, which is not at hand", file)
	}
	text, err := l.options.Once("plain\x00"+file, func() ([]byte, error) { return l.options.Decrypt(file) })
	if err != nil {
		return nil, fmt.Errorf("decrypting %s: %w", file, err)
	}
	return text, nil
}

// SingleText returns b as a text without the line break that ends most files.
func SingleText(b []byte) (string, error) {
	b = bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
	switch {
	case yamldoc.InvalidUTF8(b) >= 0:
		return "", errors.New("it is not UTF-8 text")
	case bytes.IndexByte(b, 0) >= 0:
		return "", errors.New("it holds a NUL character")
	}
	return string(b), nil
}
