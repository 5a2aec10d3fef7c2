package decode

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/diagnostic"
	"fleet/internal/suggest"
	"fleet/internal/yamldoc"
)

// AssignVars assigns the values from outside to their variables: environment variables,
// then files, then Options.Vars, where the last takes precedence.
func (l *FileSet) AssignVars() {
	if l.options.Lookup != nil {
		for _, v := range l.scope.vars {
			name := "FLEET_VAR_" + v.name
			if s, set := l.options.Lookup(name); set {
				l.assignVar(v, Var{Name: v.name, Value: s, From: "$" + name})
			}
		}
	}
	for _, file := range l.options.VarFiles {
		l.assignVarFile(file)
	}
	for _, x := range l.options.Vars {
		switch v := l.scope.vars[x.Name]; {
		case v != nil:
			l.assignVar(v, x)
		case !l.Incomplete && (strings.Trim(x.Value, "=") == "" || !VarNamePattern.MatchString(x.Name)): // a token may end in =
			known := strings.Join(slices.Sorted(maps.Keys(l.scope.vars)), ", ")
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: "--var"}, Message: "the spec has no variable of the name that is given, which is not shown since it may be a secret"}
			m.Hint = "write NAME=VALUE; the spec has " + cmp.Or(known, "no variables")
			l.Report(m)
		case !l.Incomplete:
			m := &diagnostic.Diagnostic{Pos: diagnostic.Position{File: x.From}, Message: fmt.Sprintf("the spec has no variable %q", x.Name)}
			m.Hint = suggest.DidYouMean(x.Name, slices.Sorted(maps.Keys(l.scope.vars)))
			l.Report(m)
		}
	}
	l.scope.varsReady = true
}

// assignVarFile assigns the values of a file. Those of an encrypted file are sensitive.
func (l *FileSet) assignVarFile(file string) {
	text, err := l.options.Read(file)
	if err != nil {
		l.Report(&diagnostic.Diagnostic{Pos: diagnostic.Position{File: file}, Message: ReadErrorText(err)})
		return
	}
	d := l.NewDecoder(yamldoc.Source{Name: file, Text: text})
	d.Untrusted = true // it holds values, which may be secret
	l.Sources = append(l.Sources, file)
	roots := d.Documents(text)
	if len(roots) == 0 {
		return
	}
	encrypted := isEncrypted(roots[0])
	if encrypted {
		if text, err = l.decrypt(file); err != nil {
			d.Errorf(roots[0], "", "%s", err)
			return
		}
		d.ForgetLines()
		if roots = d.Documents(text); len(roots) == 0 {
			return
		}
	}
	if roots[0].Kind != yaml.MappingNode {
		d.Errorf(roots[0], "", "expected a mapping of variables to values, got %s", yamldoc.NodeKind(roots[0]))
		return
	}
	d.Untrusted = false
	entries, _ := d.Entries(roots[0], "")
	for _, e := range entries {
		v := l.scope.vars[e.Name]
		if v == nil {
			if !l.Incomplete {
				d.Hide(e.Value)
				d.Errorf(e.Key, e.Name, "the spec has no variable %q", e.Name).Hint = suggest.DidYouMean(e.Name, slices.Sorted(maps.Keys(l.scope.vars)))
			}
			continue
		}
		if v.sensitive = v.sensitive || encrypted; v.sensitive {
			d.Hide(e.Value)
		}
		v.given = &varValue{d, yamldoc.FollowAlias(e.Value)}
	}
}

// assignVar parses a value as the type of the variable.
func (l *FileSet) assignVar(v *variable, x Var) {
	d := &Decoder{File: &yamldoc.File{Name: x.From}, set: l}
	n := untypedScalar(x.Value)
	if v.sensitive = v.sensitive || x.Sensitive; v.sensitive {
		l.scope.addSecret(x.Value)
	}
	if kind := v.valueType(); kind == "list" || kind == "map" {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(x.Value), &doc); err != nil || len(doc.Content) == 0 {
			d.ErrorfAt(diagnostic.Position{File: x.From}, "", "the variable %s is a %s: its value must be YAML such as %s", v.name, kind, map[string]string{"list": "[a, b]", "map": "{a: 1}"}[kind])
			v.state = evalFailed
			return
		}
		n = doc.Content[0]
	}
	n.Line, n.Column = 0, 0
	v.given = &varValue{d, n}
}

// valueType returns the declared type of the variable, or else the type of its default.
func (v *variable) valueType() string {
	if v.declaredType != "" || v.defaultNode == nil {
		return v.declaredType
	}
	switch n := v.defaultNode; {
	case n.Kind == yaml.SequenceNode:
		return "list"
	case n.Kind == yaml.MappingNode:
		return "map"
	case n.Tag == "!!bool":
		return "bool"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "number"
	}
	return ""
}
