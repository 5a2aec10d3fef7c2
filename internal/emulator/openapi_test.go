package emulator

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

const document = "../../../shared/daytona/openapi-v0.205.json"

// asDocumented are the statuses that the document gives for those a server
// really answers with.
var asDocumented = map[int]int{http.StatusCreated: http.StatusOK}

// TestAnswersFitTheDocument validates answers against the document of 0.205.
// Nulls are left out where it does not know them: it says absent, a real server
// says null.
func TestAnswersFitTheDocument(t *testing.T) {
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Skip("no document at " + document)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		t.Fatal(err)
	}
	doc.Servers = openapi3.Servers{{URL: "http://example.com/api"}}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	g := newRig(t, Options{})
	// PUT secrets is not among the calls: the document holds its path twice and the
	// router finds the other one.
	id := boxA(g)
	snap := g.must("GET", "/snapshots/snap-a", nil).text("id")
	built := failedBuild(g)
	secret := g.must("POST", "/secret", obj("name", "TOKEN", "value", "x")).text("id")
	for _, c := range []struct {
		method, path string
		body         any
	}{
		{"GET", "/sandbox", nil},
		{"GET", "/sandbox/paginated", nil},
		{"GET", "/sandbox/" + id, nil},
		{"GET", "/sandbox/" + built, nil},
		{"POST", "/sandbox", obj("name", "new", "ttlMinutes", 5)},
		{"POST", "/sandbox/" + id + "/ttl/5", nil},
		{"POST", "/sandbox/" + id + "/autostop/5", nil},
		{"POST", "/sandbox/" + id + "/network-settings", obj("networkBlockAll", true)},
		{"PUT", "/sandbox/" + id + "/labels", obj("labels", obj("a", "b"))},
		{"POST", "/sandbox/" + id + "/stop", nil},
		{"POST", "/sandbox/" + id + "/resize", obj("disk", 9)},
		{"POST", "/sandbox/" + id + "/start", nil},
		{"GET", "/snapshots", nil},
		{"GET", "/snapshots/" + snap, nil},
		{"POST", "/snapshots", obj("name", "n", "imageName", "a:1")},
		{"GET", "/volumes", nil},
		{"GET", "/volumes/by-name/vol-a", nil},
		{"POST", "/volumes", obj("name", "v")},
		{"GET", "/regions", nil},
		{"GET", "/config", nil},
		{"GET", "/api-keys/current", nil},
		{"GET", "/secret/" + secret, nil},
		{"GET", "/secret/paginated", nil},
		{"DELETE", "/sandbox/" + id, nil},
	} {
		t.Run(c.method+" "+strings.ReplaceAll(c.path, id, "{id}"), func(t *testing.T) {
			a := g.must(c.method, c.path, c.body)
			validate(t, router, c.method, c.path, a)
		})
	}
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
