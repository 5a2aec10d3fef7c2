package format

import "gopkg.in/yaml.v3"

// nodeMismatch returns the first node of a that differs in b. The node is nil if one
// list is longer.
func nodeMismatch(a, b []*yaml.Node) (n *yaml.Node, differs bool) {
	if len(a) != len(b) {
		return nil, true
	}
	for i := range a {
		if a[i].Kind != b[i].Kind || a[i].Tag != b[i].Tag || a[i].Value != b[i].Value || a[i].Anchor != b[i].Anchor ||
			(a[i].Style^b[i].Style)&(yaml.TaggedStyle|yaml.FlowStyle) != 0 {
			return a[i], true
		}
		if n, differs := nodeMismatch(a[i].Content, b[i].Content); differs {
			if n == nil {
				n = a[i]
			}
			return n, true
		}
	}
	return nil, false
}

// tokenMismatch returns the first token of a that differs in b; nil if b is longer.
// The contents of texts are not compared: nodeMismatch does so.
func tokenMismatch(a, b []token) (t *token, strays bool) {
	for i := range a {
		if i == len(b) || !sameToken(&a[i], &b[i]) {
			return &a[i], true
		}
	}
	return nil, len(a) != len(b)
}

// sameToken reports whether two tokens are the same, apart from the contents of texts.
func sameToken(a, b *token) bool {
	switch {
	case a.kind.scalar() && b.kind.scalar():
		return true
	case a.kind != b.kind:
		return false
	case a.kind == comment && a.beginsLine() != b.beginsLine():
		return false
	}
	return a.kind == scalarHeader || a.kind == scalarBody || a.text == b.text
}
