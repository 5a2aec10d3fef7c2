package plain

import (
	"reflect"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

const sample = `  box-1:
    snapshot: base
    # a comment
    auto_stop_interval: 30
    ratio: 1.50
    day: 2024-01-02
    since: 08

    env_vars:
      N: "1"
      WORDS: two words, and (more) ${var.x}
      URL: http://example.com:80/a
`

var plainTexts = []string{
	"a:\n  b: c\n",
	"  a:\n    b: c",
	"a: {b: c, d: [1, '2', \"3\", true, null], e: {}}\n",
	"a: []\n",
	"a:\n- b\n- c\nd: e\n",
	"  a:\n    volumes:\n      - volume: cache\n        mount_path: /data\n      - {volume: x, mount_path: /y}\n    ports: [80, 0x10, 1_000, 1e3, 08, 1.2.3, 2024-01-02]\n",
	"  a:\n    volumes:\n    - volume: cache\n      mount_path: /data\n    b: c\n",
	"a:\n  # note\n  b: c # not plain\n",
	"a:\n  b: x y  z\n",
	"a:\n  b: http://x:80/y:z\n",
	"a:\n  b: |\n    text\n",
	"a:\n  b: text\n   more\n",
	"a:\n   b: c\n  d: e\n",
	"a: &x {b: *x}\n",
	"a:\n  b:\n  c: d\n",
	"a: 'it''s'\n",
	"a: \"\\n\"\n",
	"a: ${x}\n", "a: $(x)\n", "true: x\n", "1: y\n", "a: b:\n", "a: b :c\n", "a: b #c\n", "a: b#c\n", "- a\n", "a:\tb\n", "a: {b: c,d: e}\n", "a: {$x}\n", "a: [a b, -]\n", "a: [-1]\n",
	"a: {b: ${x}}\n", "a: [x=y, z~]\n", "a: b, c\n", "a: b}\n", "a: (b\n", "a: b -c\n", "a: b - c\n", "a: b {c\n", "a: [b -c]\n",
	"a: -1\n", "a: [-1, -0, -01, -1.5]\n", "a: -1 b\n", "a: -\n",
	sample,
}

// TestAcceptsSpecs requires that the usual forms of a spec are plain.
func TestAcceptsSpecs(t *testing.T) {
	for _, s := range []string{sample, plainTexts[2], plainTexts[5], plainTexts[6]} {
		if _, ok := Count(s, len(s)-len(strings.TrimLeft(s, " "))); !ok {
			t.Errorf("rejects\n%s", s)
		}
	}
}

// FuzzEntry requires that a text in plain form has the nodes of yaml.v3.
func FuzzEntry(f *testing.F) {
	for _, s := range plainTexts {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		indent := len(text) - len(strings.TrimLeft(text, " "))
		nodes, ok := Count(text, indent)
		key, value, accepted := new(Nodes).Entry(text, 1, indent, max(nodes, 0))
		if accepted != ok {
			t.Fatalf("Count accepts: %v, Entry: %v", ok, accepted)
		}
		if !ok {
			return
		}
		var document yaml.Node
		if err := yaml.Unmarshal([]byte(text), &document); err != nil {
			t.Fatalf("yaml.v3 rejects %q: %v", text, err)
		}
		want := document.Content[0]
		stripComments(want)
		if want.Column != indent+1 || want.Kind != yaml.MappingNode || want.Style != 0 {
			t.Fatalf("%q is not a block mapping at column %d", text, indent+1)
		}
		if got := []*yaml.Node{key, value}; !reflect.DeepEqual(got, want.Content) {
			a, _ := yaml.Marshal(got[1])
			b, _ := yaml.Marshal(want.Content[1])
			t.Fatalf("%q: got %+v %+v\n%s\nwant %+v %+v\n%s", text, key, value, a, want.Content[0], want.Content[1], b)
		}
		if n := count(key) + count(value); n != nodes {
			t.Fatalf("%q: Count returns %d, want %d", text, nodes, n)
		}
	})
}

// stripComments removes what plain nodes do not have.
func stripComments(n *yaml.Node) {
	n.HeadComment, n.LineComment, n.FootComment = "", "", ""
	if len(n.Content) == 0 && n.Kind != yaml.ScalarNode {
		n.Content = []*yaml.Node{}
	}
	for _, child := range n.Content {
		stripComments(child)
	}
}

func count(n *yaml.Node) int {
	sum := 1
	for _, child := range n.Content {
		sum += count(child)
	}
	return sum
}
