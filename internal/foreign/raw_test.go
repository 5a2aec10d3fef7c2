//go:build !race

package foreign_test

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/go/packages"
)

// mayBeRaw are the functions to which a text may be given as it is: they compare
// it, hide what is secret in it, or escape it themselves.
var mayBeRaw = map[string]bool{"Redact": true, "Cells": true, "CompareKeys": true, "HasSuffix": true}

// TestRawTexts holds the program to take texts of others as they are only where
// that does no harm. Package client reads them.
func TestRawTexts(t *testing.T) {
	loaded, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo,
	}, "fleet/...")
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range loaded {
		for _, e := range p.Errors {
			t.Error(e)
		}
		if p.PkgPath == "fleet/client" || p.PkgPath == "fleet/internal/foreign" {
			continue
		}
		for _, file := range p.Syntax {
			ast.PreorderStack(file, nil, func(n ast.Node, above []ast.Node) bool {
				if e, isExpr := n.(ast.Expr); isExpr && raw(p, e) && !harmless(above) {
					t.Errorf("%s: the text of somebody else is taken as it is", p.Fset.Position(e.Pos()))
				}
				return true
			})
		}
	}
}

// harmless reports whether the innermost call or comparison around a text may
// have it as it is.
func harmless(above []ast.Node) bool {
	for _, n := range slices.Backward(above) {
		switch n := n.(type) {
		case *ast.CallExpr:
			return mayBeRaw[called(n)]
		case *ast.BinaryExpr:
			if n.Op != token.ADD {
				return true
			}
		case *ast.BlockStmt:
			return false
		}
	}
	return false
}

// raw reports whether an expression converts a Text to a string.
func raw(p *packages.Package, e ast.Expr) bool {
	call, isCall := e.(*ast.CallExpr)
	if !isCall || len(call.Args) != 1 || !p.TypesInfo.Types[call.Fun].IsType() {
		return false
	}
	from := p.TypesInfo.TypeOf(call.Args[0])
	return types.TypeString(from, nil) == "fleet/internal/foreign.Text" &&
		!strings.HasSuffix(types.TypeString(p.TypesInfo.TypeOf(call), nil), "foreign.Text")
}

// called is the name of the function that is called.
func called(call *ast.CallExpr) string {
	switch f := call.Fun.(type) {
	case *ast.Ident:
		return f.Name
	case *ast.SelectorExpr:
		return f.Sel.Name
	}
	return ""
}
