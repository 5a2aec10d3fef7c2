package yamldoc

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const boxes = "version: 1\nsandboxes:\n  a:\n    snapshot: base\n    labels: {team: a}\n  b: {count: 2}\n\n  # note\n  c:\n    volumes:\n    - volume: x\n      mount_path: /y\n  d: {}\n"

var deferredTexts = []string{
	boxes,
	boxes + "volumes: {x: {}}\n",
	boxes + "---\nname: demo\nsandboxes:\n  e: {}\n  f: {}\n",
	"---\n" + boxes,
	strings.ReplaceAll(boxes, "  b:", "  a:"),
	strings.ReplaceAll(boxes, "{count: 2}", "{count: 2} # two"),
	strings.ReplaceAll(boxes, "{count: 2}", "&x {count: 2}"),
	strings.ReplaceAll(boxes, "{count: 2}", "|\n    text"),
	strings.ReplaceAll(boxes, "{count: 2}", "\"open"),
	strings.ReplaceAll(boxes, "{count: 2}", "{count: 2"),
	strings.ReplaceAll(boxes, "  d: {}", "  d: |\n    text"),
	strings.ReplaceAll(boxes, "  d: {}", "- d"),
	strings.ReplaceAll(boxes, "  d: {}", "    d: {}"),
	strings.ReplaceAll(boxes, "  d: {}", "   d: {}"),
	strings.ReplaceAll(boxes, "  d: {}", " d: {}"),
	strings.ReplaceAll(boxes, "\n", "\r\n"),
	"\ufeff" + boxes,
	"text: \"\nsandboxes:\n  a: {}\n  b: {}\n\"\n",
	"text: '\nsandboxes:\n  a: {}\n  b: {}\n'\nsandboxes: {c: {}}\n",
	"{text: x,\nsandboxes:\n  a: {}\n  b: {}\n}\n",
	"list:\n-\n  x: y\nsandboxes:\n  a: {}\n  b: {}\n",
	"a: |\n sandboxes:\n\nsandboxes:\n  a: {}\n  b: {}\n",
	"sandboxes:\n  a: {}\nx: y\nsandboxes:\n  b: {}\n  c: {}\n",
	"x: y\nsandboxes:\n  a: b\n  c: d\n  ? e\n",
	"x: y\nsandboxes:\n  a: b\n  c: d\n  <<: {e: f}\n",
	"x: y\nsandboxes:\n  a: b\n...\n",
	"x: y\nsandboxes:\n\n",
}

// FuzzParseDeferring requires that the deferred entries and the others together are
// those of Parse, and that both return the same error.
func FuzzParseDeferring(f *testing.F) {
	for _, s := range deferredTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s := Source{Name: "fleet.yaml", Text: []byte(text)}
		want, wrong := NewFile(s).Parse(s.Text, MaxDocuments)
		file := NewFile(s)
		got, alsoWrong := file.ParseDeferring(s.Text, MaxDocuments, "sandboxes")
		if !reflect.DeepEqual(wrong, alsoWrong) {
			t.Fatalf("the errors are %v and %v", wrong, alsoWrong)
		}
		for _, d := range got {
			insertDeferred(file, d)
		}
		for _, list := range [][]*yaml.Node{got, want} {
			for _, d := range list {
				withoutComments(d)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Fatalf("%q is read differently", text)
		}
	})
}

// insertDeferred adds the deferred entries to the mappings below a document.
func insertDeferred(f *File, d *yaml.Node) {
	for _, root := range d.Content {
		for _, n := range root.Content {
			deferred := f.Deferred(n)
			var list []*yaml.Node
			for key, value := range deferred.All() {
				deferred.Keep()
				list = append(list, key, value)
			}
			if n.Content = append(list, n.Content...); len(list) > 0 {
				n.Line = list[0].Line
			}
		}
	}
}

// withoutComments removes what deferred entries do not have.
func withoutComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if len(n.Content) == 0 {
		n.Content = nil
	}
	for _, child := range n.Content {
		withoutComments(child)
	}
}

// TestDefersPlainEntries requires that entries in plain form are deferred, and that
// their nodes are used again.
func TestDefersPlainEntries(t *testing.T) {
	s := Source{Name: "fleet.yaml", Text: []byte(boxes)}
	f := NewFile(s)
	documents, wrong := f.ParseDeferring(s.Text, MaxDocuments, "sandboxes")
	if wrong != nil {
		t.Fatal(wrong)
	}
	var keys []string
	distinct := map[*yaml.Node]bool{}
	for key := range f.Deferred(Child(documents[0].Content[0], "sandboxes")).All() {
		keys = append(keys, key.Value)
		distinct[key] = true
	}
	if strings.Join(keys, " ") != "a b c" || len(distinct) >= len(keys) {
		t.Fatalf("deferred are %q with %d nodes of keys", keys, len(distinct))
	}
}
