package observe

import (
	"path"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/plan"
	"fleet/spec"
)

// routeOf returns the route of the request by which an operation changes an object
// of a kind. It reports false if the operation sends none. Paths hold a placeholder
// for the object: only the route counts.
func routeOf(k spec.Kind, op *plan.Op) (r client.Route, ok bool) {
	method, relative, sends := op.Request()
	if !sends {
		return client.Route{}, false
	}
	return client.RouteOf(method, path.Join(kind.Of(k).Path, relative)), true
}

// routes returns the routes of all requests by which a plan changes something,
// without those of blocked steps.
func routes(p *plan.Plan) []client.Route {
	var list []client.Route
	for _, s := range p.Steps {
		if s.Blocked != nil {
			continue
		}
		for i := range s.Ops {
			if r, ok := routeOf(s.Address.Kind, &s.Ops[i]); ok {
				list = append(list, r)
			}
		}
	}
	return list
}
