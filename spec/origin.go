package spec

import (
	"fmt"
	"strings"
)

// Origin returns the source of an attribute's value: the layers and positions that
// it was merged from, in order of precedence, and the expression that the spec has
// for it. With a nil attribute it returns the position of the resource. It is empty
// if the spec does not set the attribute, and unless the spec was read with
// [Options.Explain].
func (r *Resource) Origin(a *Attribute) string {
	if r.from == nil {
		return ""
	}
	if a == nil {
		return r.from.pos.String()
	}
	v, isSet := r.from.merged[a]
	switch {
	case !isSet && a.Key == nameRow.Key:
		return r.from.namingOrigin()
	case !isSet:
		return ""
	}
	var places []string
	for at := &v; at != nil; at = at.base {
		places = append(places, at.origin())
	}
	return strings.Join(places, "; ")
}

// origin returns one position, with the layer if it is not the resource's own block.
func (v *locatedValue) origin() string {
	place := v.pos.String()
	if v.layer != "" {
		place = v.layer + ", " + place
	}
	if v.node != nil {
		if n := followAlias(v.node); strings.Contains(n.Value, exprOpen) && !strings.Contains(n.Value, "\n") {
			place = fmt.Sprintf("%s, %s", n.Value, place)
		}
	}
	return place
}
