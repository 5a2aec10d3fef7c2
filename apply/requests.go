package apply

import (
	"net/http"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// routeOf returns the route of the request by which an operation changes an object
// of a kind. It reports false if the operation sends none. Paths hold a placeholder
// for the object: only the route counts.
func routeOf(kind spec.Kind, op *plan.Op) (r client.Route, ok bool) {
	collection := observe.Collection(kind)
	object := collection + "/{id}"
	switch {
	case !op.Verb.Sends():
		return client.Route{}, false
	case op.Verb == plan.DoCreate:
		return client.RouteOf(http.MethodPost, collection), true
	case op.Verb == plan.DoDelete:
		return client.RouteOf(http.MethodDelete, object), true
	case op.Verb == plan.DoCall:
		return client.RouteOf(op.Call.Method, object+"/"+op.Call.Path), true
	case op.Verb == plan.DoLabel, op.Verb == plan.DoRelease, op.Verb == plan.DoFinish:
		return client.RouteOf(http.MethodPut, object+"/labels"), true
	default: // the API names the action as the plan does
		return client.RouteOf(http.MethodPost, object+"/"+string(op.Verb)), true
	}
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
