package spec

import (
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/decode"
	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// groupBlock writes a group whose copies differ. Values that differ are written as the
// expressions of the spec, all others are resolved.
func (x *encodeState) groupBlock(w outputBlock) (*yaml.Node, error) {
	block := yamldoc.NewMapping()
	for _, a := range Tables[w.first.Kind] {
		v, isSet := w.source.merged[a]
		switch {
		case a == forEachRow && isSet:
			x.place(block, w.first, a, membersNode(v.value.([]decode.Copy), v.decoder))
		case a == countRow && isSet:
			x.place(block, w.first, a, yamldoc.NodeOf(v.value))
		case a.Naming:
			if isSet && !w.source.merged.namesResources(w.first.Kind) {
				x.place(block, w.first, a, v.namingNode())
			}
		case a.Structural:
		case v.perCopy && a.Ref == ImageKind:
			n, err := x.imagesOfCopies(w, a, v.perCopyNode(false))
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Key, err)
			}
			x.place(block, w.first, a, n)
		case v.perCopy:
			x.place(block, w.first, a, v.perCopyNode(a.Secret))
		case a.Key == nameRow.Key:
			if isSet {
				x.place(block, w.first, a, yamldoc.NodeOf(v.value))
			}
		default:
			n, err := x.value(w, a)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", a.Key, err)
			}
			if n != nil {
				x.place(block, w.first, a, n)
			}
		}
	}
	return block, nil
}

// perCopyNode returns a value that differs between copies, merged with its base.
func (v *locatedValue) perCopyNode(secret bool) *yaml.Node {
	n := v.decoder.partlyResolved(v.node, secret || v.sensitive)
	if v.base == nil {
		return n
	}
	base := v.base.perCopyNode(secret)
	if v.appends {
		list := *base
		list.Content = append(list.Content[:len(list.Content):len(list.Content)], n.Content...)
		return &list
	}
	return overlayMapping(base, n)
}

// overlayMapping returns a mapping merged over another.
func overlayMapping(base, over *yaml.Node) *yaml.Node {
	merged := yamldoc.NewMapping()
	for i := 0; i+1 < len(base.Content); i += 2 {
		if yamldoc.Child(over, base.Content[i].Value) == nil {
			merged.Content = append(merged.Content, base.Content[i], base.Content[i+1])
		}
	}
	for i := 0; i+1 < len(over.Content); i += 2 {
		if !yamldoc.IsNull(over.Content[i+1]) {
			merged.Content = append(merged.Content, over.Content[i], over.Content[i+1])
		}
	}
	return merged
}

// partlyResolved returns a value in which only the expressions that differ between
// copies remain. Of secret values it has only references.
func (d *decoder) partlyResolved(n *yaml.Node, secret bool) *yaml.Node {
	n = yamldoc.FollowAlias(n)
	switch {
	case decode.IsValueFrom(n):
		return bareNode(n)
	case n.Kind != yaml.ScalarNode:
		all := &yaml.Node{Kind: n.Kind, Tag: n.Tag}
		for i, c := range n.Content {
			if isKey := n.Kind == yaml.MappingNode && i%2 == 0; isKey {
				all.Content = append(all.Content, bareNode(c))
				continue
			}
			all.Content = append(all.Content, d.partlyResolved(c, secret))
		}
		return all
	case !strings.Contains(n.Value, expr.Open) && secret && !yamldoc.IsNull(n):
		return yamldoc.NodeOf(hidden)
	case !strings.Contains(n.Value, expr.Open):
		return bareNode(n)
	case secret:
		return bareNode(n)
	case !d.VariesByCopy(n):
		v := d.Resolve(n)
		if d.End().Sensitive {
			return bareNode(n)
		}
		return literalNode(v)
	}
	return d.partlyResolvedText(n)
}

// partlyResolvedText is partlyResolved for a text.
func (d *decoder) partlyResolvedText(n *yaml.Node) *yaml.Node {
	t, err := expr.Parse(n.Value)
	if err != nil {
		return bareNode(n)
	}
	var b strings.Builder
	for _, p := range t {
		one := expr.Template{p}
		s, _, err := d.TextOf(one)
		sensitive := d.End().Sensitive
		switch {
		case p.Expr == nil:
			b.WriteString(strings.ReplaceAll(p.Literal, expr.Open, expr.Escaped))
		case one.VariesByCopy() || err != nil || sensitive:
			b.WriteString(p.Expr.Text)
		default:
			b.WriteString(strings.ReplaceAll(s, expr.Open, expr.Escaped))
		}
	}
	return yamldoc.PlainNode(b.String())
}

// bareNode returns a node without position and comments.
func bareNode(n *yaml.Node) *yaml.Node {
	n = yamldoc.FollowAlias(n)
	bare := &yaml.Node{Kind: n.Kind, Tag: n.Tag, Value: n.Value, Style: n.Style &^ decode.UntypedStyle}
	if n.Kind == yaml.MappingNode {
		bare.Style = yaml.FlowStyle
	}
	for _, c := range n.Content {
		bare.Content = append(bare.Content, bareNode(c))
	}
	return bare
}

// literalNode returns a value with its expressions escaped.
func literalNode(n *yaml.Node) *yaml.Node {
	n = yamldoc.FollowAlias(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!str" || n.Style == decode.UntypedStyle) {
		return yamldoc.TextNode(n.Value)
	}
	bare := bareNode(n)
	for i, c := range n.Content {
		bare.Content[i] = literalNode(c)
	}
	return bare
}

// membersNode returns the value of for_each.
func membersNode(list []decode.Copy, d *decoder) *yaml.Node {
	texts := &yaml.Node{Kind: yaml.SequenceNode}
	entries := yamldoc.NewMapping()
	isList := true
	for _, m := range list {
		n := d.Resolved(m.Value, 0)
		isList = isList && n.Kind == yaml.ScalarNode && n.Value == m.Key
		texts.Content = append(texts.Content, literalNode(n))
		yamldoc.Put(entries, m.Key, literalNode(n))
	}
	if isList {
		return texts
	}
	return entries
}
