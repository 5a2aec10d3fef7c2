package v1alpha1_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"fleet/operator/api/v1alpha1"
)

// TestTerms: each condition and each reason is documented once.
func TestTerms(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "conditions.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	documented := map[string]int{}
	for _, list := range [][]v1alpha1.Term{v1alpha1.Conditions, v1alpha1.Reasons} {
		for _, term := range list {
			documented[term.Name]++
			if !strings.HasSuffix(term.Meaning, ".") || strings.HasSuffix(term.Do, ".") {
				t.Errorf("%s: %q, %q", term.Name, term.Meaning, term.Do)
			}
		}
	}
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
			declared++
			if name, err := strconv.Unquote(literal.Value); err != nil || documented[name] != 1 {
				t.Errorf("%s is documented %d times", literal.Value, documented[name])
			}
		}
		return true
	})
	if declared == 0 || declared != len(documented) {
		t.Errorf("%d names are declared, and %d documented", declared, len(documented))
	}
}
