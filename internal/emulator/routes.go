package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"fleet/internal/emulator/ratelimit"
	"fleet/internal/emulator/world"
)

// route is one operation of the API.
type route struct {
	method, pattern string // the pattern has :names for variable elements
	class           string
	permission      string // "" needs none
	addedIn205      bool   // missing on 0.190
	removedIn220    bool   // missing from 0.220 on
	removedIn205    bool   // missing from 0.205 on
	handle          func(*call) (reply, error)
	elements        []string // of the pattern
}

// apiRoutes are the routes of the API, in the order in which they are tried.
var apiRoutes = compileRoutes([]route{
	{method: "GET", pattern: "/config", class: ratelimit.ClassAnonymous, handle: (*call).config},
	{method: "GET", pattern: "/health", class: ratelimit.ClassAnonymous, handle: (*call).health},
	{method: "GET", pattern: "/api-keys/current", handle: (*call).currentKey},
	{method: "GET", pattern: "/organizations/:organization/usage", permission: "read:limits", addedIn205: true, handle: (*call).usageOverview},
	{method: "GET", pattern: "/regions", handle: (*call).listRegions},
	{method: "GET", pattern: "/regions/:id", handle: (*call).getRegion},
	{method: "GET", pattern: "/object-storage/push-access", handle: (*call).pushAccess},

	{method: "GET", pattern: "/sandbox", class: ratelimit.ClassList, handle: (*call).listSandboxes},
	{method: "POST", pattern: "/sandbox", class: ratelimit.ClassCreate, permission: "write:sandboxes", handle: (*call).createSandbox},
	{method: "GET", pattern: "/sandbox/for-runner", handle: (*call).unsimulated},
	{method: "GET", pattern: "/sandbox/paginated", removedIn220: true, handle: (*call).listSandboxesByPage},
	{method: "GET", pattern: "/sandbox/:id", handle: (*call).getSandbox},
	{method: "DELETE", pattern: "/sandbox/:id", class: ratelimit.ClassLifecycle, permission: "delete:sandboxes", handle: (*call).deleteSandbox},
	{method: "POST", pattern: "/sandbox/:id/start", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).startSandbox},
	{method: "POST", pattern: "/sandbox/:id/stop", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).stopSandbox},
	{method: "POST", pattern: "/sandbox/:id/pause", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).pauseSandbox},
	{method: "POST", pattern: "/sandbox/:id/archive", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).archiveSandbox},
	{method: "POST", pattern: "/sandbox/:id/recover", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).recoverSandbox},
	{method: "POST", pattern: "/sandbox/:id/resize", class: ratelimit.ClassLifecycle, permission: "write:sandboxes", handle: (*call).resizeSandbox},
	{method: "PUT", pattern: "/sandbox/:id/labels", permission: "write:sandboxes", handle: (*call).replaceLabels},
	{method: "POST", pattern: "/sandbox/:id/public/:value", permission: "write:sandboxes", handle: (*call).setPublic},
	{method: "POST", pattern: "/sandbox/:id/autostop/:value", permission: "write:sandboxes", handle: (*call).setAutoStop},
	{method: "POST", pattern: "/sandbox/:id/autoarchive/:value", permission: "write:sandboxes", handle: (*call).setAutoArchive},
	{method: "POST", pattern: "/sandbox/:id/autodelete/:value", permission: "write:sandboxes", handle: (*call).setAutoDelete},
	{method: "POST", pattern: "/sandbox/:id/autopause/:value", permission: "write:sandboxes", addedIn205: true, handle: (*call).setAutoPause},
	{method: "POST", pattern: "/sandbox/:id/ttl/:value", permission: "write:sandboxes", addedIn205: true, handle: (*call).setTTL},
	{method: "POST", pattern: "/sandbox/:id/network-settings", permission: "write:sandboxes", handle: (*call).setNetwork},
	{method: "PUT", pattern: "/sandbox/:id/secrets", permission: "write:sandboxes", addedIn205: true, handle: (*call).setSecrets},
	{method: "POST", pattern: "/sandbox/:id/backup", permission: "write:sandboxes", handle: (*call).backupSandbox},
	{method: "POST", pattern: "/sandbox/:id/last-activity", permission: "write:sandboxes", handle: (*call).touchSandbox},
	{method: "GET", pattern: "/sandbox/:id/build-logs-url", handle: (*call).sandboxBuildLogsURL},
	{method: "GET", pattern: "/sandbox/:id/build-logs", handle: (*call).sandboxBuildLogs},
	{method: "GET", pattern: "/sandbox/:id/toolbox-proxy-url", handle: (*call).toolboxProxyURL},
	{method: "GET", pattern: "/sandbox/:id/ports/:port/preview-url", handle: (*call).previewURL},
	{method: "POST", pattern: "/toolbox/:id/toolbox/process/execute", class: ratelimit.ClassUncounted, permission: "write:sandboxes", removedIn205: true, handle: (*call).execute},
	{method: "POST", pattern: "/toolbox/:id/toolbox/files/upload", class: ratelimit.ClassUncounted, permission: "write:sandboxes", removedIn205: true, handle: (*call).uploadFile},
	{method: "POST", pattern: "/toolbox/:id/toolbox/files/bulk-upload", class: ratelimit.ClassUncounted, permission: "write:sandboxes", removedIn205: true, handle: (*call).uploadFiles},
	{method: "GET", pattern: "/toolbox/:id/toolbox/files/download", class: ratelimit.ClassUncounted, permission: "write:sandboxes", removedIn205: true, handle: (*call).downloadFile},
	{method: "POST", pattern: "/toolbox/:id/toolbox/files/bulk-download", class: ratelimit.ClassUncounted, permission: "write:sandboxes", removedIn205: true, handle: (*call).downloadFiles},

	{method: "GET", pattern: "/snapshots", handle: (*call).listSnapshots},
	{method: "POST", pattern: "/snapshots", permission: "write:snapshots", handle: (*call).createSnapshot},
	{method: "GET", pattern: "/snapshots/:id", handle: (*call).getSnapshot},
	{method: "DELETE", pattern: "/snapshots/:id", permission: "delete:snapshots", handle: (*call).deleteSnapshot},
	{method: "POST", pattern: "/snapshots/:id/activate", permission: "write:snapshots", handle: (*call).activateSnapshot},
	{method: "POST", pattern: "/snapshots/:id/deactivate", permission: "write:snapshots", handle: (*call).deactivateSnapshot},
	{method: "GET", pattern: "/snapshots/:id/build-logs-url", handle: (*call).snapshotBuildLogsURL},
	{method: "GET", pattern: "/snapshots/:id/build-logs", handle: (*call).snapshotBuildLogs},

	{method: "GET", pattern: "/volumes", permission: "read:volumes", handle: (*call).listVolumes},
	{method: "POST", pattern: "/volumes", permission: "write:volumes", handle: (*call).createVolume},
	{method: "GET", pattern: "/volumes/by-name/:id", permission: "read:volumes", handle: (*call).getVolumeByName},
	{method: "GET", pattern: "/volumes/:id", permission: "read:volumes", handle: (*call).getVolume},
	{method: "DELETE", pattern: "/volumes/:id", permission: "delete:volumes", handle: (*call).deleteVolume},

	{method: "GET", pattern: "/docker-registry", handle: (*call).listRegistries},
	{method: "POST", pattern: "/docker-registry", permission: "write:registries", handle: (*call).createRegistry},
	{method: "GET", pattern: "/docker-registry/registry-push-access", handle: (*call).unsimulated},
	{method: "GET", pattern: "/docker-registry/:id", handle: (*call).getRegistry},
	{method: "PATCH", pattern: "/docker-registry/:id", permission: "write:registries", handle: (*call).updateRegistry},
	{method: "DELETE", pattern: "/docker-registry/:id", permission: "delete:registries", handle: (*call).deleteRegistry},

	{method: "GET", pattern: "/secret", permission: "manage:secrets", addedIn205: true, handle: (*call).listSecrets},
	{method: "GET", pattern: "/secret/paginated", permission: "manage:secrets", addedIn205: true, handle: (*call).listSecretsByPage},
	{method: "POST", pattern: "/secret", permission: "manage:secrets", addedIn205: true, handle: (*call).createSecret},
	{method: "GET", pattern: "/secret/:id", permission: "manage:secrets", addedIn205: true, handle: (*call).getSecret},
	{method: "PATCH", pattern: "/secret/:id", permission: "manage:secrets", addedIn205: true, handle: (*call).updateSecret},
	{method: "DELETE", pattern: "/secret/:id", permission: "manage:secrets", addedIn205: true, handle: (*call).deleteSecret},
})

// jwtOnlyRoutes are the first elements of routes that do not accept API keys, except
// for those above.
var jwtOnlyRoutes = []string{"organizations", "users"}

// compileRoutes fills in the defaults and the elements of routes.
func compileRoutes(routes []route) []route {
	for i := range routes {
		routes[i].elements = strings.Split(routes[i].pattern[1:], "/")
		if routes[i].class == "" {
			routes[i].class = ratelimit.ClassAuthenticated
		}
	}
	return routes
}

// findRoute returns the route for an escaped path below /api, and the values of its
// variables. The route of a documented operation that is not simulated refuses it.
func findRoute(method, path string, version string) (*route, map[string]string, error) {
	if r, vars := routeIn(apiRoutes, method, path, version); r != nil {
		return r, vars, nil
	}
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if slices.Contains(jwtOnlyRoutes, first) {
		return nil, nil, world.ErrCredentials
	}
	if r, vars := routeIn(unsimulatedAPI(), method, path, version); r != nil {
		return r, vars, nil
	}
	return nil, nil, world.NotFound("Cannot %s /api%s", method, path)
}

// routeIn returns the route for a path, and the values of its variables; nil if there
// is none.
func routeIn(routes []route, method, path, version string) (*route, map[string]string) {
	elements := strings.Split(strings.Trim(path, "/"), "/")
	for i, e := range elements {
		if u, err := url.PathUnescape(e); err == nil {
			elements[i] = u
		}
	}
	for i := range routes {
		r := &routes[i]
		if r.method != method || r.addedIn205 && version == world.Version190 || r.removedIn205 && version != world.Version190 || r.removedIn220 && version == world.Version220 {
			continue
		}
		if vars, ok := r.match(elements); ok {
			return r, vars
		}
	}
	return nil, nil
}

// match returns the values of the variables if the route has this path.
func (r *route) match(elements []string) (map[string]string, bool) {
	if len(elements) != len(r.elements) {
		return nil, false
	}
	var vars map[string]string
	for i, e := range r.elements {
		switch {
		case !strings.HasPrefix(e, ":"):
			if e != elements[i] {
				return nil, false
			}
		case elements[i] == "":
			return nil, false
		default:
			if vars == nil {
				vars = map[string]string{}
			}
			vars[e[1:]] = elements[i]
		}
	}
	return vars, true
}

// success is the usual status of a success.
const success = http.StatusOK
