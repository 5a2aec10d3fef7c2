package format

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
	"fleet/spec"
)

// FuzzSource checks that formatting preserves the meaning and the comments, and that
// formatting again changes nothing.
func FuzzSource(f *testing.F) {
	for _, text := range corpus(f) {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkLaws(t, text) })
}

// corpus is every spec of the repository, and every input of the tables.
func corpus(t testing.TB) [][]byte {
	var texts [][]byte
	for _, pattern := range []string{
		"testdata/*.in.yaml", "testdata/*.out.yaml", "../../examples/*.yaml",
		"../../spec/testdata/*/*.yaml", "../../testdata/script/*.txtar",
	} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("nothing is called %s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if filepath.Ext(file) != ".txtar" {
				texts = append(texts, text)
				continue
			}
			for _, f := range txtar.Parse(text).Files {
				if filepath.Ext(f.Name) == ".yaml" {
					texts = append(texts, f.Data)
				}
			}
		}
	}
	return texts
}

// A tester is a test, or one example of a property.
type tester interface {
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// checkLaws does not take the formatter's own word for it: trees and comments
// are compared with means of their own.
func checkLaws(t tester, text []byte) {
	out, err := Source(text)
	if err != nil {
		var mistakes spec.Diagnostics
		if !errors.As(err, &mistakes) || len(mistakes) == 0 || out != nil {
			t.Fatalf("the error is %v, beside a text of %d bytes", err, len(out))
		}
		return
	}
	if !sameTree(t, yamldoc.TrimBOMs(text), out) {
		t.Errorf("it says something else now:\n%s", out)
	}
	for _, c := range comments(t, text) {
		if !bytes.Contains(out, []byte(c)) {
			t.Errorf("the comment %q is gone:\n%s", c, out)
		}
	}
	again, err := Source(out)
	if err != nil || !bytes.Equal(out, again) {
		t.Errorf("formatted again it is different: %v\n%s\n-- again\n%s", err, out, again)
	}
}

// documents decodes all documents of a text.
func documents(t tester, text []byte) []yaml.Node {
	var list []yaml.Node
	text = bytes.ReplaceAll(text, []byte("%YAML 1.2"), []byte("%YAML 1.1")) // the parser refuses 1.2
	for d := yaml.NewDecoder(bytes.NewReader(text)); ; {
		var n yaml.Node
		if err := d.Decode(&n); err != nil {
			if err.Error() != "EOF" {
				t.Errorf("this is not YAML: %v\n%s", err, text)
			}
			return list
		}
		list = append(list, n)
	}
}

func sameTree(t tester, a, b []byte) bool {
	da, db := documents(t, a), documents(t, b)
	if len(da) != len(db) {
		return false
	}
	for i := range da {
		if facts(&da[i]) != facts(&db[i]) {
			return false
		}
	}
	return true
}

// facts returns the content of a tree as one line.
func facts(n *yaml.Node) string {
	var b strings.Builder
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		b.WriteString("(" + strings.Join([]string{string('0' + rune(n.Kind)), n.Tag, n.Anchor}, "\x00") + "\x00" + n.Value)
		for _, c := range n.Content {
			walk(c)
		}
		b.WriteString(")")
	}
	walk(n)
	return b.String()
}

// comments are the lines of the comments that the parser sees.
func comments(t tester, text []byte) []string {
	var list []string
	var walk func(n *yaml.Node)
	walk = func(n *yaml.Node) {
		for _, c := range strings.FieldsFunc(n.HeadComment+"\n"+n.LineComment+"\n"+n.FootComment, func(r rune) bool { return r == '\n' || r == '\r' }) {
			if c = strings.TrimRight(c, " \t"); strings.HasPrefix(c, "#") {
				list = append(list, c)
			}
		}
		for _, c := range n.Content {
			walk(c)
		}
	}
	for _, n := range documents(t, text) {
		walk(&n)
	}
	return list
}

func TestLawsOnCorpus(t *testing.T) {
	for _, text := range corpus(t) {
		checkLaws(t, text)
	}
}
