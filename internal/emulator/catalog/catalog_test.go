package catalog_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fleet/internal/emulator/catalog"
	"fleet/internal/nodetest"
)

const documents = "../../../../shared/daytona/openapi-v%s.json"

// TestAPI compares the list with the OpenAPI documents of both versions.
func TestAPI(t *testing.T) {
	for _, version := range []string{"0.190", "0.205"} {
		raw, err := os.ReadFile(fmt.Sprintf(documents, version))
		if err != nil {
			t.Skip(err)
		}
		var doc struct{ Paths map[string]map[string]any }
		if err := json.Unmarshal(raw, &doc); err != nil {
			t.Fatal(err)
		}
		want := map[string]bool{}
		for path, methods := range doc.Paths {
			for method := range methods {
				want[strings.ToUpper(method)+" "+path] = true
			}
		}
		compare(t, version, catalog.API(), want, func(o catalog.Operation) bool {
			return version == "0.190" && o.Since == "" || version == "0.205" && o.Until == ""
		})
	}
}

// TestToolbox compares the list with the client of Daytona's TypeScript SDK. The list has
// more: what the SDK opens as a WebSocket, and what only the older document has.
func TestToolbox(t *testing.T) {
	if testing.Short() {
		t.Skip("short tests do without node")
	}
	sources := filepath.Join(nodetest.Modules(t, "../../../testdata/sdk"), "@daytona", "toolbox-api-client", "src", "api", "*.js")
	names, err := filepath.Glob(sources)
	if err != nil || len(names) == 0 {
		t.Fatalf("%s: %d files, %v", sources, len(names), err)
	}
	operation := regexp.MustCompile("(?s)localVarPath = `([^`]*)`.*?method: '([A-Z]+)'")
	want := map[string]bool{}
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range operation.FindAllStringSubmatch(string(text), -1) {
			want[m[2]+" "+m[1]] = true
		}
	}
	if len(want) < 90 {
		t.Fatalf("the client has %d operations", len(want))
	}
	compare(t, "the SDK", catalog.Toolbox(), want, func(o catalog.Operation) bool { return want[o.Method+" "+o.Path] })
}

// compare compares the operations of one version with those that are wanted.
func compare(t *testing.T, version string, all []catalog.Operation, want map[string]bool, has func(catalog.Operation) bool) {
	t.Helper()
	got := map[string]bool{}
	for _, o := range all {
		if has(o) {
			got[o.Method+" "+o.Path] = true
		}
	}
	listed, documented := slices.Sorted(maps.Keys(got)), slices.Sorted(maps.Keys(want))
	if !slices.Equal(listed, documented) {
		t.Errorf("%s: listed\n%q\ndocumented\n%q", version, listed, documented)
	}
}
