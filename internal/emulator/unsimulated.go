package emulator

import (
	"net/http"
	"strings"
	"sync"

	"fleet/internal/emulator/catalog"
	"fleet/internal/emulator/world"
)

// notSimulated returns the error for an operation that a real server has.
func notSimulated(method, path string) error {
	return world.NewAPIError(http.StatusNotImplemented, "The embedded Daytona does not simulate %s %s; a real server does.", method, path)
}

// unsimulated refuses an operation whose path another route would match, too.
func (c *call) unsimulated() (reply, error) { return reply{}, notSimulated(c.method, c.path) }

// unsimulatedAPI are the documented operations of the API that are not simulated.
var unsimulatedAPI = sync.OnceValue(func() []route { return unsimulated(catalog.API(), apiRoutes, "") })

// unsimulatedToolbox are the documented operations of toolboxes that are not simulated.
var unsimulatedToolbox = sync.OnceValue(func() []route {
	return unsimulated(catalog.Toolbox(), toolboxRoutes, toolboxOfSandbox)
})

// unsimulated returns routes for the operations that none of the simulated routes has in
// any version. All paths are below prefix.
func unsimulated(operations []catalog.Operation, simulated []route, prefix string) []route {
	known := map[string]bool{}
	for _, r := range simulated {
		known[shapeOf(r.method, r.pattern)] = true
	}
	var all []route
	for _, o := range operations {
		pattern := prefix + o.Pattern()
		if known[shapeOf(o.Method, pattern)] {
			continue
		}
		all = append(all, route{
			method: o.Method, pattern: pattern, addedIn205: o.Since != "", removedIn205: o.Until != "",
			handle: func(*call) (reply, error) { return reply{}, notSimulated(o.Method, o.Path) },
		})
	}
	return compileRoutes(all)
}

// shapeOf returns a method and a pattern without the names of its variables.
func shapeOf(method, pattern string) string {
	elements := strings.Split(pattern, "/")
	for i, e := range elements {
		if strings.HasPrefix(e, ":") {
			elements[i] = ":"
		}
	}
	return method + " " + strings.Join(elements, "/")
}

// isWebSocket reports whether a request asks for a WebSocket.
func isWebSocket(h http.Header) bool { return strings.EqualFold(h.Get("Upgrade"), "websocket") }
