package journal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declaredKinds returns the kinds of events with the JSON names of their fields, from the
// declaration of the constants and its comments.
func declaredKinds(t *testing.T) map[string][]string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "event.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	kinds := map[string][]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if named, ok := spec.Type.(*ast.Ident); !ok || named.Name != "Kind" {
			return true
		}
		kind, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range strings.Split(strings.TrimSpace(spec.Comment.Text()), ", ") {
			field, ok := reflect.TypeFor[Event]().FieldByName(name)
			if !ok {
				t.Fatalf("%s: an event has no field %s", kind, name)
			}
			tag, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			kinds[kind] = append(kinds[kind], tag)
		}
		return true
	})
	return kinds
}

// TestKindsAreDocumented: docs/watch-service.md lists the kinds of events with their
// fields, and no others except that of lost events.
func TestKindsAreDocumented(t *testing.T) {
	text, err := os.ReadFile("../../docs/watch-service.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, _ := strings.Cut(string(text), "| kind | fields |\n|---|---|\n")
	table, _, _ = strings.Cut(table, "\n\n")
	code := regexp.MustCompile("`([a-z._]+)`")
	words := func(cell string) (list []string) {
		for _, m := range code.FindAllStringSubmatch(cell, -1) {
			list = append(list, m[1])
		}
		return list
	}
	documented := map[string][]string{}
	for _, row := range strings.Split(strings.TrimSpace(table), "\n") {
		cells := strings.Split(row, "|")
		for _, kind := range words(cells[1]) {
			documented[kind] = words(cells[2])
		}
	}
	declared := declaredKinds(t)
	declared["events.lost"] = []string{"lost"}
	if len(declared) < 10 {
		t.Fatalf("only %d kinds were found", len(declared))
	}
	for _, kind := range slices.Sorted(maps.Keys(declared)) {
		if !slices.Equal(documented[kind], declared[kind]) {
			t.Errorf("%s is documented with %v, and has %v", kind, documented[kind], declared[kind])
		}
	}
	for kind := range documented {
		if declared[kind] == nil {
			t.Errorf("%s is documented and does not exist", kind)
		}
	}
}
