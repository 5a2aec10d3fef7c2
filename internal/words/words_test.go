// Package words_test keeps the project's language plain: comments, messages,
// documents and identifiers use the standard words of the field.
package words_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

const root = "../.."

// phrases are what no comment, message or document holds, each with what to
// write instead.
var phrases = []struct{ pattern, instead string }{
	{`tells?|told|telling`, "reports, returns, prints, distinguishes"},
	{`says?|said|saying|unsaid`, "reports, states, sets, prints"},
	{`speaks? (of|about)|spoken of`, "names, sets, mentions"},
	{`takes? in|took in`, "accepts, reads"},
	{`lets? (\w+ )?go`, "releases"},
	{`brings? (\w+ )?back|brought back`, "restores, rolls back"},
	{`go(es|ing)? on|went on`, "continues"},
	{`begun|began`, "started"},
	{`(look|looks|looked|looking) (again|anew|once more)`, "reads again, polls"},
	{`who [a-z]+s`, "the user, the caller, a client"},
	{`whoever|whosoever|whichever|somebody|nobody`, "another user, another fleet, unowned"},
	{`(of|in|for|from|to|by|with|than|as|about|on|at) what (is|was|has|it|its|they|the|a)`, "name the thing"},
	{`(is|are|was|were) of`, "name the relation"},
	{`of which`, "split the sentence"},
	{`so many|its like|the like of`, "a count, others of its kind"},
	{`by itself`, "alone, automatically, separately"},
	{`as wanted`, "matches the spec"},
	{`anew|alike`, "again, the same"},
	{`beside`, "next to, and, in addition to"},
	{`nor`, "or; two sentences"},
	{`no \w+ but`, "only"},
	{`whatever`, "regardless of, any"},
	{`learnt|elder|nameless|foresight|sighting|sightings|occupancy|lanes?`, "see the standard terms in CONTRIBUTING"},
	{`left so|left away|leaves away`, "retained, omitted"},
}

// terms are words that no identifier holds, each with the field's word.
var terms = map[string]string{
	"say": "set", "said": "value", "unsay": "unset", "tell": "write", "tells": "write", "told": "write",
	"lane": "queue", "lanes": "queues", "occupancy": "limit key", "sight": "poll", "sighting": "observation",
	"nameless": "generated name", "mistaken": "rename hint", "learnt": "capabilities", "foresight": "forecast",
	"conduct": "execution policy", "effort": "timeout class", "seal": "fingerprint", "sealed": "fingerprint",
	"whose": "owner", "somebodys": "foreign", "nobodys": "unowned", "elder": "preferred",
	"retire": "deactivate", "circles": "cycles", "followers": "dependents", "brings": "rollback",
	"undone": "rollback", "trail": "request log",
}

var phrase = func() *regexp.Regexp {
	var all []string
	for _, p := range phrases {
		all = append(all, `(`+p.pattern+`)`)
	}
	return regexp.MustCompile(`(?i)\b(` + strings.Join(all, "|") + `)\b`)
}()

// instead returns what to write for a phrase that was found.
func instead(found string) string {
	for _, p := range phrases {
		if regexp.MustCompile(`(?i)^(` + p.pattern + `)$`).MatchString(found) {
			return p.instead
		}
	}
	return ""
}

func TestPlainWords(t *testing.T) {
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			if strings.HasPrefix(name, ".") && path != root || name == "testdata" || name == "bin" || name == "words" {
				return filepath.SkipDir
			}
			return nil
		}
		rel, _ := filepath.Rel(root, path)
		switch {
		case strings.HasSuffix(name, ".go"):
			checkGo(t, path, rel)
		case strings.HasSuffix(name, ".md") && name != "CHANGELOG.md":
			checkText(t, path, rel)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// values are banned words where they are values of rules and flags, not prose.
var values = regexp.MustCompile("^nobody$|(owner: |--owner |fleet or |`)nobody\\b")

// checkText reports the phrases of a document, code blocks included: they are
// read too.
func checkText(t *testing.T, path, rel string) {
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i, line := range strings.Split(string(text), "\n") {
		report(t, rel, i+1, line)
	}
}

// report fails the test for each phrase in a line.
func report(t *testing.T, rel string, line int, text string) {
	for _, found := range phrase.FindAllString(values.ReplaceAllString(text, ""), -1) {
		t.Errorf("%s:%d: %q: write %s", rel, line, found, instead(found))
	}
}

// checkGo reports the phrases of comments and messages, and the terms of
// identifiers. Strings of tests are input, not messages.
func checkGo(t *testing.T, path, rel string) {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	for _, group := range file.Comments {
		for _, c := range group.List {
			for i, line := range strings.Split(c.Text, "\n") {
				report(t, rel, set.Position(c.Pos()).Line+i, line)
			}
		}
	}
	test := strings.HasSuffix(path, "_test.go")
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field:
			n.Tag = nil // the keys of JSON keep their names
		case *ast.BasicLit:
			if n.Kind != token.STRING || test {
				return true
			}
			if text, err := strconv.Unquote(n.Value); err == nil {
				report(t, rel, set.Position(n.Pos()).Line, text)
			}
		case *ast.Ident:
			for _, word := range wordsOf(n.Name) {
				if better, ok := terms[word]; ok && !test {
					t.Errorf("%s:%d: the name %s: write %s", rel, set.Position(n.Pos()).Line, n.Name, better)
				}
			}
		}
		return true
	})
}

// wordsOf splits a camel-case name into its words, in lower case.
func wordsOf(name string) []string {
	var words []string
	start := 0
	runes := []rune(name)
	for i := 1; i <= len(runes); i++ {
		if i == len(runes) || unicode.IsUpper(runes[i]) && !unicode.IsUpper(runes[i-1]) {
			words = append(words, strings.ToLower(string(runes[start:i])))
			start = i
		}
	}
	return words
}

func TestPhrases(t *testing.T) {
	for _, text := range []string{"fleet tells", "is told", "it goes on", "of what is gone", "Nobody's"} {
		if !phrase.MatchString(text) {
			t.Errorf("%q is not found", text)
		}
	}
	for _, text := range []string{"a canon", "essay", "the ongoing run", "north"} {
		if found := phrase.FindString(text); found != "" {
			t.Errorf("%q is found in %q", found, text)
		}
	}
	if got := fmt.Sprint(wordsOf("sealOfURL")); got != "[seal of url]" {
		t.Error(got)
	}
}
