package spec

import (
	"fmt"
	"strings"

	"fleet/internal/expr"
	"fleet/internal/yamldoc"
)

// Origin tells where the value of an attribute came from: the layers and places
// that it was merged from, the one that wins first, and the expression that it
// stood as. It is empty for what no place says, and unless the spec was read
// with [Options.Explain].
func (r *Resource) Origin(a *Attribute) string {
	if r.from == nil {
		return ""
	}
	if a == nil {
		return r.from.pos.String()
	}
	v, said := r.from.merged[a]
	switch {
	case !said && a.Key == nameRow.Key:
		return r.from.namingOrigin()
	case !said:
		return ""
	}
	var places []string
	for at := &v; at != nil; at = at.base {
		places = append(places, at.origin())
	}
	return strings.Join(places, "; ")
}

// origin is one place, with the layer when it is not the resource's own block.
func (v *locatedValue) origin() string {
	place := v.pos.String()
	if v.layer != "" {
		place = v.layer + ", " + place
	}
	if v.node != nil {
		if n := yamldoc.FollowAlias(v.node); strings.Contains(n.Value, expr.Open) && !strings.Contains(n.Value, "\n") {
			place = fmt.Sprintf("%s, %s", n.Value, place)
		}
	}
	return place
}
