package plan

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strings"
	"testing"
)

// A declaredTable is what the source of the package declares of a type of
// constants and of the table with a row for each.
type declaredTable struct {
	constants []string
	fields    []string            // of the type of a row
	rows      map[string][]string // the fields that each row names
}

// readTable reads the constants of a type, the fields of its row type and the
// rows of its table from a source file.
func readTable(t *testing.T, file, constantType, rowType, table string) declaredTable {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	d := declaredTable{rows: map[string][]string{}}
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.TypeSpec:
			if row, is := n.Type.(*ast.StructType); is && n.Name.Name == rowType {
				for _, field := range row.Fields.List {
					d.fields = append(d.fields, identNames(field.Names)...)
				}
			}
		case *ast.ValueSpec:
			if kind, named := n.Type.(*ast.Ident); named && kind.Name == constantType {
				d.constants = append(d.constants, identNames(n.Names)...)
			}
			if n.Names[0].Name == table {
				for _, row := range n.Values[0].(*ast.CompositeLit).Elts {
					key, fields := keyValue(row)
					for _, field := range fields.(*ast.CompositeLit).Elts {
						name, _ := keyValue(field)
						d.rows[key] = append(d.rows[key], name)
					}
				}
			}
		}
		return true
	})
	return d
}

func identNames(list []*ast.Ident) []string {
	var names []string
	for _, ident := range list {
		names = append(names, ident.Name)
	}
	return names
}

// keyValue returns the key and the value of an element of a composite literal.
func keyValue(e ast.Expr) (string, ast.Expr) {
	kv := e.(*ast.KeyValueExpr)
	return kv.Key.(*ast.Ident).Name, kv.Value
}

// check fails the test for each constant without a row and for each row that
// does not name all fields.
func (d declaredTable) check(t *testing.T) {
	t.Helper()
	if len(d.constants) == 0 || len(d.fields) == 0 {
		t.Fatal("found no constants or no fields of rows")
	}
	for _, name := range d.constants {
		named := d.rows[name]
		if named == nil {
			t.Errorf("%s has no row", name)
			continue
		}
		for _, field := range d.fields {
			if !slices.Contains(named, field) {
				t.Errorf("the row of %s does not name its field %s", name, field)
			}
		}
	}
	if len(d.rows) != len(d.constants) {
		t.Errorf("%d rows for %d constants", len(d.rows), len(d.constants))
	}
}

func TestEachVerbHasACompleteRow(t *testing.T) {
	readTable(t, "verb.go", "Verb", "verbRow", "verbs").check(t)
	for v, row := range verbs {
		method, _, sends := Op{Verb: v, Call: nil}.Request()
		switch {
		case row.nextRun == "":
			t.Errorf("%s: what the next run does is not known", v)
		case sends != (method != ""):
			t.Errorf("%s: sends %t, with method %q", v, sends, method)
		case sends && row.timeout == "":
			t.Errorf("%s sends a request and has no timeout class", v)
		case row.transition && row.action.Category() != Update:
			t.Errorf("%s changes the state of an object, and its action is %s", v, row.action)
		}
	}
}

func TestEachActionHasACompleteRow(t *testing.T) {
	readTable(t, "action.go", "Action", "actionRow", "actions").check(t)
	names := map[string]bool{}
	for a, row := range actions {
		switch {
		case row.name == "" || names[row.name] || strings.ToLower(row.name) != row.name:
			t.Errorf("%c: the name %q is empty, taken or not lower case", a, row.name)
		case row.past == "":
			t.Errorf("%s has no past participle", a)
		case a.Category().Category() != a.Category():
			t.Errorf("%s is listed under %s, which is listed under another action", a, a.Category())
		case row.count == nil || row.count(&Counts{}) == nil:
			t.Errorf("%s is not counted", a)
		}
		names[row.name] = true
	}
}

// What is listed together is counted together.
func TestCountsFollowCategories(t *testing.T) {
	for a, row := range actions {
		var c Counts
		*row.count(&c)++
		*actions[a.Category()].count(&c)--
		same(t, a.String(), c, Counts{})
	}
}
