package emulator

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The classes of the rate limit.
const (
	classAnonymous     = "anonymous"
	classAuthenticated = "authenticated"
	classCreate        = "sandbox-create"
	classLifecycle     = "sandbox-lifecycle"
	classList          = "sandbox-list"
	classFailedAuth    = "failed-auth"
	classUncounted     = "uncounted" // there is no limit
)

// route is one operation. Its pattern holds :names for the variable elements.
type route struct {
	method, pattern string
	class           string
	permission      string // "" needs none
	newer           bool   // absent on 0.190
	gone            bool   // absent from 0.220 on
	older           bool   // absent since 0.205
	do              func(*call) (reply, error)
	elements        []string
}

// apiRoutes in the order in which they are tried.
var apiRoutes = compile([]route{
	{method: "GET", pattern: "/config", class: classAnonymous, do: (*call).config},
	{method: "GET", pattern: "/health", class: classAnonymous, do: (*call).health},
	{method: "GET", pattern: "/api-keys/current", do: (*call).currentKey},
	{method: "GET", pattern: "/organizations/:organization/usage", permission: "read:limits", newer: true, do: (*call).usageOverview},
	{method: "GET", pattern: "/regions", do: (*call).listRegions},
	{method: "GET", pattern: "/regions/:id", do: (*call).getRegion},
	{method: "GET", pattern: "/object-storage/push-access", do: (*call).pushAccess},

	{method: "GET", pattern: "/sandbox", class: classList, do: (*call).listSandboxes},
	{method: "POST", pattern: "/sandbox", class: classCreate, permission: "write:sandboxes", do: (*call).createSandbox},
	{method: "GET", pattern: "/sandbox/paginated", gone: true, do: (*call).listSandboxesByPage},
	{method: "GET", pattern: "/sandbox/:id", do: (*call).getSandbox},
	{method: "DELETE", pattern: "/sandbox/:id", class: classLifecycle, permission: "delete:sandboxes", do: (*call).deleteSandbox},
	{method: "POST", pattern: "/sandbox/:id/start", class: classLifecycle, permission: "write:sandboxes", do: (*call).startSandbox},
	{method: "POST", pattern: "/sandbox/:id/stop", class: classLifecycle, permission: "write:sandboxes", do: (*call).stopSandbox},
	{method: "POST", pattern: "/sandbox/:id/pause", class: classLifecycle, permission: "write:sandboxes", do: (*call).pauseSandbox},
	{method: "POST", pattern: "/sandbox/:id/archive", class: classLifecycle, permission: "write:sandboxes", do: (*call).archiveSandbox},
	{method: "POST", pattern: "/sandbox/:id/recover", class: classLifecycle, permission: "write:sandboxes", do: (*call).recoverSandbox},
	{method: "POST", pattern: "/sandbox/:id/resize", class: classLifecycle, permission: "write:sandboxes", do: (*call).resizeSandbox},
	{method: "PUT", pattern: "/sandbox/:id/labels", permission: "write:sandboxes", do: (*call).replaceLabels},
	{method: "POST", pattern: "/sandbox/:id/public/:value", permission: "write:sandboxes", do: (*call).setPublic},
	{method: "POST", pattern: "/sandbox/:id/autostop/:value", permission: "write:sandboxes", do: (*call).setAutoStop},
	{method: "POST", pattern: "/sandbox/:id/autoarchive/:value", permission: "write:sandboxes", do: (*call).setAutoArchive},
	{method: "POST", pattern: "/sandbox/:id/autodelete/:value", permission: "write:sandboxes", do: (*call).setAutoDelete},
	{method: "POST", pattern: "/sandbox/:id/autopause/:value", permission: "write:sandboxes", newer: true, do: (*call).setAutoPause},
	{method: "POST", pattern: "/sandbox/:id/ttl/:value", permission: "write:sandboxes", newer: true, do: (*call).setTTL},
	{method: "POST", pattern: "/sandbox/:id/network-settings", permission: "write:sandboxes", do: (*call).setNetwork},
	{method: "PUT", pattern: "/sandbox/:id/secrets", permission: "write:sandboxes", newer: true, do: (*call).setSecrets},
	{method: "POST", pattern: "/sandbox/:id/backup", permission: "write:sandboxes", do: (*call).backupSandbox},
	{method: "POST", pattern: "/sandbox/:id/last-activity", permission: "write:sandboxes", do: (*call).touchSandbox},
	{method: "GET", pattern: "/sandbox/:id/build-logs-url", do: (*call).sandboxBuildLogsURL},
	{method: "GET", pattern: "/sandbox/:id/build-logs", do: (*call).sandboxBuildLogs},
	{method: "GET", pattern: "/sandbox/:id/toolbox-proxy-url", do: (*call).toolboxProxyURL},
	{method: "GET", pattern: "/sandbox/:id/ports/:port/preview-url", do: (*call).previewURL},
	{method: "POST", pattern: "/toolbox/:id/toolbox/process/execute", class: classUncounted, permission: "write:sandboxes", older: true, do: (*call).execute},

	{method: "GET", pattern: "/snapshots", do: (*call).listSnapshots},
	{method: "POST", pattern: "/snapshots", permission: "write:snapshots", do: (*call).createSnapshot},
	{method: "GET", pattern: "/snapshots/:id", do: (*call).getSnapshot},
	{method: "DELETE", pattern: "/snapshots/:id", permission: "delete:snapshots", do: (*call).deleteSnapshot},
	{method: "POST", pattern: "/snapshots/:id/activate", permission: "write:snapshots", do: (*call).activateSnapshot},
	{method: "POST", pattern: "/snapshots/:id/deactivate", permission: "write:snapshots", do: (*call).deactivateSnapshot},
	{method: "GET", pattern: "/snapshots/:id/build-logs-url", do: (*call).snapshotBuildLogsURL},
	{method: "GET", pattern: "/snapshots/:id/build-logs", do: (*call).snapshotBuildLogs},

	{method: "GET", pattern: "/volumes", permission: "read:volumes", do: (*call).listVolumes},
	{method: "POST", pattern: "/volumes", permission: "write:volumes", do: (*call).createVolume},
	{method: "GET", pattern: "/volumes/by-name/:id", permission: "read:volumes", do: (*call).getVolumeByName},
	{method: "GET", pattern: "/volumes/:id", permission: "read:volumes", do: (*call).getVolume},
	{method: "DELETE", pattern: "/volumes/:id", permission: "delete:volumes", do: (*call).deleteVolume},

	{method: "GET", pattern: "/secret", permission: "manage:secrets", newer: true, do: (*call).listSecrets},
	{method: "GET", pattern: "/secret/paginated", permission: "manage:secrets", newer: true, do: (*call).listSecretsByPage},
	{method: "POST", pattern: "/secret", permission: "manage:secrets", newer: true, do: (*call).createSecret},
	{method: "GET", pattern: "/secret/:id", permission: "manage:secrets", newer: true, do: (*call).getSecret},
	{method: "PATCH", pattern: "/secret/:id", permission: "manage:secrets", newer: true, do: (*call).updateSecret},
	{method: "DELETE", pattern: "/secret/:id", permission: "manage:secrets", newer: true, do: (*call).deleteSecret},
})

// refused are the routes that exist but take no API key, all but those above.
var refused = []string{"organizations", "users"}

func compile(routes []route) []route {
	for i := range routes {
		routes[i].elements = strings.Split(routes[i].pattern[1:], "/")
		if routes[i].class == "" {
			routes[i].class = classAuthenticated
		}
	}
	return routes
}

// findRoute returns the route for an escaped path below /api, and its variables.
func findRoute(method, path string, version string) (*route, map[string]string, error) {
	if r, vars := routeIn(apiRoutes, method, path, version); r != nil {
		return r, vars, nil
	}
	first, _, _ := strings.Cut(strings.Trim(path, "/"), "/")
	if slices.Contains(refused, first) {
		return nil, nil, errCredentials
	}
	return nil, nil, notFound("Cannot %s /api%s", method, path)
}

// routeIn returns the route for a path, and its variables; nil if there is none.
func routeIn(routes []route, method, path, version string) (*route, map[string]string) {
	elements := strings.Split(strings.Trim(path, "/"), "/")
	for i, e := range elements {
		if u, err := url.PathUnescape(e); err == nil {
			elements[i] = u
		}
	}
	for i := range routes {
		r := &routes[i]
		if r.method != method || r.newer && version == Version190 || r.older && version != Version190 || r.gone && version == Version220 {
			continue
		}
		if vars, ok := r.match(elements); ok {
			return r, vars
		}
	}
	return nil, nil
}

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

// success is the status of an answer that says nothing else.
const success = http.StatusOK
