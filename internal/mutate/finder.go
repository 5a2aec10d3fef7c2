package main

import (
	"go/ast"
	"go/token"
	"strconv"
	"strings"
)

// finder collects the mistakes that can be made in a file.
type finder struct {
	bound
	files  *token.FileSet
	source []byte
	fn     string
	seen   map[string]int
	found  []mutant

	inBlock map[ast.Stmt]bool // statements that can be replaced by any other
}

func (f *finder) offset(p token.Pos) int { return f.files.Position(p).Offset }

func (f *finder) textOf(n ast.Node) string {
	return string(f.source[f.offset(n.Pos()):f.offset(n.End())])
}

// replaceWith adds the replacement of a node.
func (f *finder) replaceWith(n ast.Node, to string) { f.add(standaloneKind, n, to) }

// replaceCondition adds the replacement of a condition by another one.
func (f *finder) replaceCondition(n ast.Expr, to string) { f.add(conditionKind, n, to) }

func (f *finder) add(kind mutantKind, n ast.Node, to string) {
	if f.fn == "" {
		kind = standaloneKind
	}
	m := mutant{
		bound: f.bound, kind: kind, fn: f.fn, from: f.textOf(n), to: to, line: f.files.Position(n.Pos()).Line,
		begin: f.offset(n.Pos()), end: f.offset(n.End()), source: f.source,
	}
	name := m.String()
	m.occurrence = f.seen[name]
	f.seen[name]++
	f.found = append(f.found, m)
}

// opposites are operators and names that are easily confused.
var opposites = map[string][]string{
	"==": {"!="}, "!=": {"=="},
	"<": {"<=", ">="}, "<=": {"<", ">"}, ">": {">=", "<="}, ">=": {">", "<"},
	"+": {"-"}, "-": {"+"}, "*": {"/"}, "/": {"*"}, "<<": {">>"},
	"++": {"--"}, "--": {"++"}, "+=": {"-="}, "-=": {"+="},
	"RoundUp": {"RoundDown"}, "RoundDown": {"RoundUp"}, "min": {"max"}, "max": {"min"}, "Before": {"After"}, "After": {"Before"},
	"MinFunc": {"MaxFunc"}, "true": {"false"}, "false": {"true"}, "break": {"continue"}, "continue": {"break"},
}

// visit adds the mistakes at one node.
func (f *finder) visit(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.BinaryExpr:
		f.binary(n)
	case *ast.BlockStmt:
		f.block(n.List)
	case *ast.SwitchStmt:
		f.cases(n)
	case *ast.UnaryExpr:
		if n.Op == token.NOT {
			f.replaceCondition(n, f.textOf(n.X))
		}
	case *ast.IfStmt:
		f.condition(n.Cond)
	case *ast.CaseClause:
		f.clause(n)
	case *ast.IncDecStmt:
		f.swap(n, f.textOf(n.X)+opposites[n.Tok.String()][0])
	case *ast.AssignStmt:
		f.assignment(n)
	case *ast.CallExpr:
		f.call(n)
	case *ast.ReturnStmt:
		for _, r := range n.Results {
			f.constant(r)
		}
	case *ast.ValueSpec:
		for _, v := range n.Values {
			f.number(v)
		}
	case *ast.BranchStmt:
		if n.Label == nil && n.Tok != token.FALLTHROUGH {
			f.replaceWith(n, opposites[n.Tok.String()][0])
		}
	}
	return true
}

// binary adds other operators, omissions of one side, and numbers that are off by one.
func (f *finder) binary(n *ast.BinaryExpr) {
	x, y := f.textOf(n.X), f.textOf(n.Y)
	if n.Op == token.LAND || n.Op == token.LOR {
		f.replaceCondition(n, x)
		f.replaceCondition(n, y)
		f.condition(n.X)
		f.condition(n.Y)
		return
	}
	kind := standaloneKind
	if n.Op.Precedence() == token.EQL.Precedence() {
		kind = conditionKind
	}
	for _, op := range opposites[n.Op.String()] {
		if n.Op != token.ADD || !isText(n) { // texts have no difference
			f.add(kind, n, x+" "+op+" "+y)
		}
	}
	f.number(n.X)
	f.number(n.Y)
}

// isText reports whether an expression contains a text literal.
func isText(n ast.Expr) bool {
	switch n := n.(type) {
	case *ast.BasicLit:
		return n.Kind == token.STRING
	case *ast.BinaryExpr:
		return n.Op == token.ADD && (isText(n.X) || isText(n.Y))
	}
	return false
}

// condition adds the negation of a condition that is not negated.
func (f *finder) condition(n ast.Expr) {
	switch n.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.CallExpr, *ast.IndexExpr:
		f.replaceCondition(n, "!"+f.textOf(n))
	}
}

// block records the statements of a block.
func (f *finder) block(list []ast.Stmt) {
	for _, s := range list {
		f.inBlock[s] = true
	}
}

// swap adds the replacement of a statement.
func (f *finder) swap(n ast.Stmt, to string) {
	if f.inBlock[n] {
		f.add(statementKind, n, to)
	} else {
		f.replaceWith(n, to)
	}
}

// cases adds the negations of the conditions of a switch.
func (f *finder) cases(n *ast.SwitchStmt) {
	if n.Tag != nil {
		return
	}
	for _, s := range n.Body.List {
		for _, c := range s.(*ast.CaseClause).List {
			f.condition(c)
		}
	}
}

// clause adds the omission of each value of a case.
func (f *finder) clause(n *ast.CaseClause) {
	f.block(n.Body)
	if len(n.List) < 2 {
		return
	}
	for i := range n.List {
		var rest []string
		for j, c := range n.List {
			if i != j {
				rest = append(rest, f.textOf(c))
			}
		}
		f.replaceWith(values(n.List), strings.Join(rest, ", "))
	}
}

// values are the values of a case as a node.
type values []ast.Expr

func (v values) Pos() token.Pos { return v[0].Pos() }
func (v values) End() token.Pos { return v[len(v)-1].End() }

// assignment adds the omission of an assignment, and the assignment of the opposite.
func (f *finder) assignment(n *ast.AssignStmt) {
	if n.Tok == token.DEFINE {
		return
	}
	for _, v := range n.Rhs {
		f.constant(v)
	}
	if op := opposites[n.Tok.String()]; op != nil {
		if isText(n.Rhs[0]) {
			return
		}
		f.replaceWith(n, f.textOf(n.Lhs[0])+" "+op[0]+" "+f.textOf(n.Rhs[0]))
	} else if f.inBlock[n] {
		f.swap(n, "{}")
	}
}

// call adds calls of the opposite function, and omissions of an argument of min and
// max.
func (f *finder) call(n *ast.CallExpr) {
	name, ok := n.Fun.(*ast.Ident)
	if s, selected := n.Fun.(*ast.SelectorExpr); selected {
		name, ok = s.Sel, true
	}
	if !ok || opposites[name.Name] == nil {
		return
	}
	text, at := f.textOf(n), f.offset(name.Pos())-f.offset(n.Pos())
	f.replaceWith(n, text[:at]+opposites[name.Name][0]+text[at+len(name.Name):])
	if (name.Name == "min" || name.Name == "max") && len(n.Args) == 2 {
		f.replaceWith(n, f.textOf(n.Args[0]))
		f.replaceWith(n, f.textOf(n.Args[1]))
		f.number(n.Args[1])
	}
}

// constant adds false for true, and the next number for a number.
func (f *finder) constant(n ast.Expr) {
	if id, ok := n.(*ast.Ident); ok && (id.Name == "true" || id.Name == "false") {
		f.replaceCondition(n, opposites[id.Name][0])
	}
	f.number(n)
}

// number adds the next number for a number.
func (f *finder) number(n ast.Expr) {
	lit, ok := n.(*ast.BasicLit)
	if !ok || lit.Kind != token.INT {
		return
	}
	if v, err := strconv.Atoi(lit.Value); err == nil {
		f.replaceWith(n, strconv.Itoa(v+1))
	}
}
