package apply_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"pgregory.net/rapid"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/plan"
)

// TestOpenAPI compares all traffic with the documents of the API. Every request has a
// route there, with no parameter or body field that the document does not have, and no
// value of another type. Every response has the document's types. Specs without newer
// attributes are compared with the older document, so that nothing newer is sent unless
// it is configured.
func TestOpenAPI(t *testing.T) {
	for _, version := range []string{emulator.Version205, emulator.Version190} {
		t.Run(version, func(t *testing.T) {
			doc := document(t, version)
			newer := version == emulator.Version205
			specs := rapid.Custom(func(rt *rapid.T) string { return randomSpec(rt, newer) })
			wire := &witness{doc: doc, seen: map[string]bool{}}
			for seed := range 40 {
				texts := []string{specs.Example(2 * seed), specs.Example(2*seed + 1)}
				synctest.Test(t, func(t *testing.T) { watchTraffic(t, wire, version, texts) })
			}
			for _, complaint := range wire.complaints {
				t.Error(complaint)
			}
			t.Logf("%d requests of %d kinds", wire.count, len(wire.seen))
			if len(wire.seen) < 15 {
				t.Errorf("only %d kinds of requests were seen: %v", len(wire.seen), wire.seen)
			}
		})
	}
}

// watchTraffic applies specs in turn while the witness checks the traffic.
func watchTraffic(t *testing.T, wire *witness, version string, texts []string) {
	d := newDaytona(t, emulator.Options{APIVersion: version})
	defer d.close()
	d.settle(version == emulator.Version205, nil)
	wire.next = inProcess{d.handler}
	var err error
	if d.api, err = client.New(client.Config{URL: "http://localhost/api", Key: "k", Transport: wire}); err != nil {
		t.Fatal(err)
	}
	for _, text := range texts {
		d.run(d.plan(parse(t, text), plan.Options{AllowDestroy: 1000}))
	}
}

// document loads an OpenAPI document of the API, if there is one on the machine.
func document(t *testing.T, version string) routers.Router {
	t.Helper()
	file := filepath.Join("..", "..", "shared", "daytona", "openapi-v"+strings.TrimSuffix(version, ".0")+".json")
	text, err := os.ReadFile(file)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("%s is not at hand", file)
	}
	if err != nil {
		t.Fatal(err)
	}
	var raw map[string]any
	if err := json.Unmarshal(text, &raw); err != nil {
		t.Fatal(err)
	}
	raw["servers"] = []any{map[string]any{"url": "http://localhost/api"}}
	paths := raw["paths"].(map[string]any)
	// The document has this path twice, with two names for its parameter.
	if byID, ok := paths["/sandbox/{sandboxId}/secrets"].(map[string]any); ok {
		byName, _ := paths["/sandbox/{sandboxIdOrName}/secrets"].(map[string]any)
		for method, operation := range byName {
			for _, p := range operation.(map[string]any)["parameters"].([]any) {
				if p.(map[string]any)["name"] == "sandboxIdOrName" {
					p.(map[string]any)["name"] = "sandboxId"
				}
			}
			byID[method] = operation
		}
		delete(paths, "/sandbox/{sandboxIdOrName}/secrets")
	}
	if text, err = json.Marshal(raw); err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		t.Fatal(err)
	}
	return router
}

// A witness checks requests and responses in transit.
type witness struct {
	doc        routers.Router
	next       http.RoundTripper
	mu         sync.Mutex // guards what follows
	complaints []string
	seen       map[string]bool
	count      int
}

func (w *witness) RoundTrip(req *http.Request) (*http.Response, error) {
	if strings.HasPrefix(req.URL.Path, "/proxy/") { // what answers is in a sandbox, not the API
		return w.next.RoundTrip(req)
	}
	var body []byte
	if req.Body != nil {
		body, _ = io.ReadAll(req.Body)
		req.Body = io.NopCloser(bytes.NewReader(body))
	}
	res, err := w.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	answer, _ := io.ReadAll(res.Body)
	res.Body = io.NopCloser(bytes.NewReader(answer))
	w.mu.Lock()
	defer w.mu.Unlock()
	if problem := w.check(req, body, res, answer); problem != nil && len(w.complaints) < 20 {
		w.complaints = append(w.complaints, fmt.Sprintf("%s %s %s => %d: %v", req.Method, req.URL, body, res.StatusCode, problem))
	}
	return res, nil
}

func (w *witness) check(req *http.Request, body []byte, res *http.Response, answer []byte) error {
	again := req.Clone(context.Background())
	again.Body = io.NopCloser(bytes.NewReader(body))
	route, params, err := w.doc.FindRoute(again)
	if err != nil {
		return err
	}
	w.count++
	w.seen[req.Method+" "+route.Path] = true
	input := &openapi3filter.RequestValidationInput{
		Request: again, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, MultiError: true},
	}
	if err := openapi3filter.ValidateRequest(context.Background(), input); err != nil {
		return err
	}
	if err := unknownParts(route.Operation, again, body); err != nil {
		return err
	}
	if res.StatusCode >= 300 {
		return nil // errors have no schema in the documents
	}
	schema := answerSchema(route.Operation)
	if schema == nil || len(answer) == 0 {
		return nil
	}
	var value any
	if err := json.Unmarshal(answer, &value); err != nil {
		return err
	}
	if err := schema.VisitJSON(withoutNulls(value, schema), openapi3.VisitAsResponse(), openapi3.MultiErrors()); err != nil {
		reason, _, _ := strings.Cut(err.Error(), "\nSchema:") // which repeats the document
		return fmt.Errorf("%s: %.300s", reason, answer)
	}
	return nil
}

// unknownParts returns query parameters and body fields that the document does not name:
// servers silently drop them.
func unknownParts(op *openapi3.Operation, req *http.Request, body []byte) error {
	for name := range req.URL.Query() {
		known := slices.ContainsFunc(op.Parameters, func(p *openapi3.ParameterRef) bool { return p.Value.In == "query" && p.Value.Name == name })
		if !known {
			return fmt.Errorf("the query parameter %s is not known", name)
		}
	}
	if len(body) == 0 {
		return nil
	}
	if op.RequestBody == nil {
		return errors.New("a body is not expected")
	}
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return err
	}
	schema := op.RequestBody.Value.Content.Get("application/json").Schema.Value
	for name := range fields {
		if schema.Properties[name] == nil {
			return fmt.Errorf("the body field %s is not known", name)
		}
	}
	return nil
}

// answerSchema returns the schema of a successful response; nil if there is none.
func answerSchema(op *openapi3.Operation) *openapi3.Schema {
	for _, status := range []string{"200", "201"} {
		if r := op.Responses.Value(status); r != nil {
			if media := r.Value.Content.Get("application/json"); media != nil && media.Schema != nil {
				return media.Schema.Value
			}
		}
	}
	return nil
}

// withoutNulls drops null fields that the schema does not allow: the real server returns
// null for fields that its document declares absent.
func withoutNulls(v any, schema *openapi3.Schema) any {
	switch v := v.(type) {
	case map[string]any:
		kept := map[string]any{}
		for k, x := range v {
			property := propertyOf(schema, k)
			if x == nil && property != nil && !property.Value.Nullable {
				continue
			}
			if property != nil {
				x = withoutNulls(x, property.Value)
			}
			kept[k] = x
		}
		return kept
	case []any:
		kept := make([]any, len(v))
		for i, x := range v {
			kept[i] = x
			if schema.Items != nil {
				kept[i] = withoutNulls(x, schema.Items.Value)
			}
		}
		return kept
	}
	return v
}

// propertyOf finds a property of a schema or of those that it is made of.
func propertyOf(schema *openapi3.Schema, name string) *openapi3.SchemaRef {
	if p := schema.Properties[name]; p != nil {
		return p
	}
	for _, part := range schema.AllOf {
		if p := propertyOf(part.Value, name); p != nil {
			return p
		}
	}
	return nil
}
