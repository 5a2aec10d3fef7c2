package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"fleet/internal/emulator/world"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

const documents = "../../../shared/daytona/openapi-v%s.json"

// asDocumented maps the statuses of a real server to those in its documents.
var asDocumented = map[int]int{http.StatusCreated: http.StatusOK}

// exchange is a request whose response is validated. Placeholders in its path, such as
// "{box}", stand for ids of the server.
type exchange struct {
	method, path string
	body         any
	newer        bool // absent on 0.190
}

var exchanges = []exchange{
	{"GET", "/sandbox", nil, false},
	{"GET", "/sandbox/paginated", nil, false},
	{"GET", "/sandbox/{box}", nil, false},
	{"GET", "/sandbox/{built}", nil, false},
	{"GET", "/sandbox/{built}/build-logs-url", nil, false},
	{"GET", "/snapshots/{builtsnap}/build-logs-url", nil, false},
	{"GET", "/object-storage/push-access", nil, false},
	{"GET", "/sandbox/{box}/toolbox-proxy-url", nil, false},
	{"GET", "/sandbox/{box}/ports/3000/preview-url", nil, false},
	{"POST", "/sandbox", obj("name", "new"), false},
	{"POST", "/sandbox", obj("name", "short", "ttlMinutes", 5), true},
	{"POST", "/sandbox/{box}/ttl/5", nil, true},
	{"POST", "/sandbox/{box}/autopause/5", nil, true},
	{"POST", "/sandbox/{box}/autostop/5", nil, false},
	{"POST", "/sandbox/{box}/autoarchive/5", nil, false},
	{"POST", "/sandbox/{box}/autodelete/5", nil, false},
	{"POST", "/sandbox/{box}/public/true", nil, false},
	{"POST", "/sandbox/{box}/last-activity", nil, false},
	{"POST", "/sandbox/{box}/network-settings", obj("networkBlockAll", true), false},
	{"PUT", "/sandbox/{box}/labels", obj("labels", obj("a", "b")), false},
	{"PUT", "/sandbox/{box}/secrets", obj("secrets", []any{obj("TOKEN", "TOKEN")}), true},
	{"POST", "/sandbox/{box}/stop", nil, false},
	{"POST", "/sandbox/{box}/resize", obj("disk", 9), false},
	{"POST", "/sandbox/{box}/archive", nil, false},
	{"POST", "/sandbox/{box}/start", nil, false},
	{"GET", "/snapshots", nil, false},
	{"GET", "/snapshots/{snap}", nil, false},
	{"GET", "/snapshots/{builtsnap}", nil, false},
	{"POST", "/snapshots", obj("name", "n", "imageName", "a:1"), false},
	{"POST", "/snapshots/{snap}/deactivate", nil, false},
	{"DELETE", "/snapshots/{snap}", nil, false},
	{"GET", "/volumes", nil, false},
	{"GET", "/volumes/by-name/vol-a", nil, false},
	{"POST", "/volumes", obj("name", "v"), false},
	{"GET", "/regions", nil, false},
	{"GET", "/regions/us", nil, false},
	{"GET", "/config", nil, false},
	{"GET", "/health", nil, false},
	{"GET", "/api-keys/current", nil, false},
	{"GET", "/organizations/" + world.OrganizationID + "/usage", nil, true},
	{"GET", "/docker-registry", nil, false},
	{"GET", "/docker-registry/{registry}", nil, false},
	{"POST", "/docker-registry", obj("name", "o", "url", "https://registry.test/", "username", "u", "password", "p"), false},
	{"PATCH", "/docker-registry/{registry}", obj("name", "r", "url", "registry.test", "username", "other"), false},
	{"DELETE", "/docker-registry/{registry}", nil, false},
	{"GET", "/secret", nil, true},
	{"GET", "/secret/paginated", nil, true},
	{"GET", "/secret/{secret}", nil, true},
	{"POST", "/secret", obj("name", "OTHER", "value", "x"), true},
	{"PATCH", "/secret/{secret}", obj("description", "d"), true},
	{"DELETE", "/sandbox/{box}", nil, false},
}

// TestAnswersFitTheDocument validates responses against the document of their version.
// Nulls that the document does not allow are removed: it documents the field as absent,
// and a real server returns null.
func TestAnswersFitTheDocument(t *testing.T) {
	for _, version := range []string{world.Version205, world.Version190} {
		t.Run(version, func(t *testing.T) {
			router := documented(t, version)
			g := newRig(t, Options{APIVersion: version})
			ids := []string{"{box}", boxA(g), "{built}", failedBuild(g), "{snap}", g.must("GET", "/snapshots/snap-a", nil).text("id")}
			built := g.must("POST", "/snapshots", obj("name", "built", "buildInfo", obj("dockerfileContent", "FROM a:1\n", "contextHashes", []any{})))
			ids = append(ids, "{builtsnap}", built.text("id"))
			registry := g.must("POST", "/docker-registry", obj("name", "r", "url", "https://registry.test", "username", "u", "password", "p"))
			ids = append(ids, "{registry}", registry.text("id"))
			if version != world.Version190 {
				ids = append(ids, "{secret}", g.must("POST", "/secret", obj("name", "TOKEN", "value", "x")).text("id"))
			}
			named := strings.NewReplacer(ids...)
			for _, e := range exchanges {
				if e.newer && version == world.Version190 {
					continue
				}
				t.Run(e.method+" "+e.path, func(t *testing.T) {
					path := named.Replace(e.path)
					validate(t, router, e.method, path, g.must(e.method, path, e.body))
				})
			}
		})
	}
}

// documented returns the routes of a document.
func documented(t *testing.T, version string) routers.Router {
	raw, err := os.ReadFile(fmt.Sprintf(documents, strings.TrimSuffix(version, ".0")))
	if err != nil {
		t.Skip(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	// The path occurs twice, with two names of its variable; the second one is for the
	// daemon in a sandbox.
	doc.Paths.Delete("/sandbox/{sandboxId}/secrets")
	doc.Servers = openapi3.Servers{{URL: "http://example.com/api"}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

func validate(t *testing.T, router routers.Router, method, path string, a got) {
	r := httptest.NewRequest(method, "http://example.com/api"+path, nil)
	route, vars, err := router.FindRoute(r)
	if err != nil {
		t.Fatal(err)
	}
	status := a.status
	if s, ok := asDocumented[status]; ok && route.Operation.Responses.Status(status) == nil {
		status = s
	}
	var keep []string
	if strings.HasPrefix(path, "/snapshots") || strings.HasPrefix(path, "/volumes") || strings.HasPrefix(path, "/api-keys") {
		keep = []string{"size", "entrypoint", "errorReason", "lastUsedAt", "sourceSandboxId", "expiresAt"}
	}
	if strings.HasSuffix(path, "/usage") {
		keep = []string{"maxCpuPerSandbox", "maxMemoryPerSandbox", "maxDiskPerSandbox", "maxDiskPerNonEphemeralSandbox", "maxCpuPerGpu", "maxMemoryPerGpu", "maxDiskPerGpu"}
	}
	body, err := json.Marshal(withoutNulls(a.body, append(keep, "nextCursor")))
	if err != nil {
		t.Fatal(err)
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: vars, Route: route},
		Status:                 status, Header: a.header, Body: readCloser(body),
	}
	if err := openapi3filter.ValidateResponse(context.Background(), in); err != nil {
		t.Errorf("%v\n%s", err, body)
	}
}

func withoutNulls(v any, keep []string) any {
	switch v := v.(type) {
	case map[string]any:
		m := map[string]any{}
		for k, x := range v {
			if x != nil || contains(keep, k) {
				m[k] = withoutNulls(x, keep)
			}
		}
		return m
	case []any:
		l := make([]any, len(v))
		for i := range v {
			l[i] = withoutNulls(v[i], keep)
		}
		return l
	}
	return v
}

type bodyReader struct{ *bytes.Reader }

func (bodyReader) Close() error { return nil }

func readCloser(b []byte) bodyReader { return bodyReader{bytes.NewReader(b)} }
