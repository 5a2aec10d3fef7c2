package format

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fleet/internal/nodetest"
)

// flows are texts with collections in brackets, whose lines YAML 1.2 wants to be indented
// further than the block around them, and with words that YAML 1.2 ends elsewhere than 1.1.
var flows = map[string]string{
	"closing bracket at one":   "key : [\n  inner : value,\n ]\n",
	"quoted key":               "'key' : [\n  'inner' : value,\n ]\n",
	"closing bracket deeper":   "a: {b: 1}\nc: {\n    d: 63,\n    e: 0.288\n  }\n",
	"tabs and odd indentation": "a:\n flow: [    # comment\n   by two,        # in\n  also by two,    # are\n  \tby tab   # content\n    ]             # end\n",
	"below a list":             "- [a,\n   b]\n- - {c: 1,\n     d: 2}\n- k: [e,\n    f]\n",
	"explicit key":             "? [a, b]\n: [c,\n  d]\n",
	"within another one":       "k: [{a: 1,\n   b: [2,\n  3]}, [\n  4 ]]\n",
	"property":                 "k: &x [a,\n  b]\nl: !!seq\n  [c,\n   d]\n",
	"value below its key":      "k:\n  {a: 1,\n   b: 2\n  }\n",
	"at the root":              "[a,\nb\n]\n",
	"behind a marker":          "--- {a: 1,\nb: 2\n}\n--- [c,\n d]\n",
	"unindented list":          "k:\n- [a,\n  b]\n- {c: [d,\n   e],\n  f: g}\n",
	"long lines":               "k: {a: [" + strings.Repeat("bbbbbbbbb, ", 12) + "c], d: {" + strings.Repeat("e", 90) + ": " + strings.Repeat("f", 90) + "}}\n",
	"texts of several lines":   "k: [a b\n   c, \"d\n  e\", 'f\n\n   g']\n",
	"question mark in a key":   "{?foo: bar, baz: 42 }\n",
	"question mark in a text":  "- [?x, ? y]\n",
	"colon in an anchor":       "k: &an:chor value\n",
	"colon in a tag":           "k: !a:b value\nl: [!c d]\n",
	"empty":                    "k: [\n  ]\nl: {\n\n  }\n",
}

// A pair is a text and the same text formatted.
type pair struct{ Name, Before, After string }

// formattedPairs returns the pairs of texts that formatting changes.
func formattedPairs(t *testing.T) []pair {
	var list []pair
	add := func(name string, text []byte) {
		if out, err := Source(text); err == nil && !bytes.Equal(text, out) {
			list = append(list, pair{name, string(text), string(out)})
		}
	}
	for name, text := range flows {
		add(name, []byte(text))
		if _, err := Source([]byte(text)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for i, text := range corpus(t) {
		add(fmt.Sprint("corpus ", i), text)
	}
	for _, c := range suiteCases(t) {
		add(c.name, c.text)
	}
	return list
}

// TestOtherReaders checks that readers of YAML 1.2 read the formatted text as they read
// the original.
func TestOtherReaders(t *testing.T) {
	modules, err := filepath.Abs(nodetest.Modules(t, filepath.Join("..", "nodetest", "testdata", "consumers")))
	if err != nil {
		t.Fatal(err)
	}
	list := formattedPairs(t)
	in, err := json.Marshal(list)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "node", filepath.Join("testdata", "readers.cjs"))
	cmd.Env = append(cmd.Environ(), "NODE_PATH="+modules)
	cmd.Stdin = bytes.NewReader(in)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	wrong, compared, found := strings.Cut(string(out), "compared ")
	if !found || wrong != "" {
		t.Errorf("formatting changes what others read:\n%s", wrong)
	}
	t.Logf("%d texts, compared %s times", len(list), strings.TrimSpace(compared))
	if n, err := strconv.Atoi(strings.TrimSpace(compared)); err != nil || n < len(list) {
		t.Errorf("compared %s times: %v", compared, err)
	}
}
