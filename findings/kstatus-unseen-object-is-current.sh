#!/bin/sh
# kstatus, by which Flux and kpt wait, calls a custom object current before its controller has seen it.
#
# Expected:    an object without a status is in progress until its controller has written one, and a Ready condition counts
#              only if its own observedGeneration is that of the object.
# Behaviour:   an object without a status is Current. With conditions, observedGeneration of the condition is ignored; only
#              status.observedGeneration is compared with the generation, and only if it exists. Ready with the status
#              Unknown is in progress.
# Version:     sigs.k8s.io/cli-utils 0.37.2.
# Consequence: a pipeline that waits right after it applied an object passes at once if the controller is slow, or down. A
#              controller has to write status.observedGeneration with each status; what waits for a new object waits for
#              its Ready condition instead, as kubectl wait --for=condition=Ready does.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

func main() {
	for _, text := range []string{
		`{}`,
		`{"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}`,
		`{"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 1}`,
		`{"conditions": [{"type": "Ready", "status": "Unknown"}], "observedGeneration": 2}`,
		`{"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 2}`,
	} {
		object := map[string]any{"apiVersion": "example.com/v1", "kind": "Thing", "metadata": map[string]any{"name": "a", "generation": int64(2)}}
		var s map[string]any
		if err := json.Unmarshal([]byte(text), &s); err != nil {
			panic(err)
		}
		if g, ok := s["observedGeneration"].(float64); ok {
			s["observedGeneration"] = int64(g)
		}
		if len(s) > 0 {
			object["status"] = s
		}
		r, err := status.Compute(&unstructured.Unstructured{Object: object})
		if err != nil {
			panic(err)
		}
		fmt.Printf("%-10s %s\n", r.Status, text)
	}
}
GO
{
	go mod init finding
	go get sigs.k8s.io/cli-utils@v0.37.2
	go mod tidy
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
Current    {}
Current    {"conditions": [{"type": "Ready", "status": "True", "observedGeneration": 1}]}
InProgress {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 1}
InProgress {"conditions": [{"type": "Ready", "status": "Unknown"}], "observedGeneration": 2}
Current    {"conditions": [{"type": "Ready", "status": "True"}], "observedGeneration": 2}
WANT
