package kind_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/uuid"

	"fleet/client"
	"fleet/internal/kind"
	"fleet/spec"
)

// A page serves one page of a numbered list.
type page string

func (p page) RoundTrip(*http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(string(p))), ContentLength: int64(len(p)),
	}, nil
}

// newPage returns a page of n sandboxes with all that a server of version 0.205 shows.
func newPage(n int) page {
	items := make([]map[string]any, n)
	for i := range items {
		items[i] = map[string]any{
			"id": uuid.NewSHA1(uuid.Nil, []byte{byte(i)}).String(), "organizationId": uuid.Nil.String(), "name": fmt.Sprintf("worker-%d", i),
			"target": "us", "snapshot": "daytonaio/sandbox:0.6.0", "user": "daytona", "env": map[string]string{"A": "1", "B": "2"},
			"cpu": 1, "gpu": 0, "memory": 1, "disk": 3, "public": false, "networkBlockAll": false, "networkAllowList": nil,
			"labels": map[string]string{
				spec.FleetLabel: "research", spec.KeyLabel: fmt.Sprintf("worker[%d]", i), "fleet-seal": "e1234567.v1234567", "team": "a",
			},
			"state": "started", "desiredState": "started", "errorReason": nil, "recoverable": false, "backupState": "None",
			"autoStopInterval": 15, "autoArchiveInterval": 10080, "autoDeleteInterval": -1, "volumes": []any{}, "class": "small",
			"createdAt": "2026-11-01T10:00:00.000Z", "updatedAt": "2026-11-02T10:00:00.000Z", "lastActivityAt": "2026-11-02T10:00:00.000Z",
			"daemonVersion": "0.205.0", "runnerId": uuid.Nil.String(), "sandboxClass": "container",
		}
	}
	body, err := json.Marshal(map[string]any{"items": items, "total": n, "page": 1, "totalPages": 1})
	if err != nil {
		panic(err)
	}
	return page(body)
}

// BenchmarkListedPage reads a page of 200 sandboxes and converts them for a plan.
func BenchmarkListedPage(b *testing.B) {
	api, err := client.New(client.Config{URL: "https://daytona.test/api", Key: "k", Transport: newPage(200)})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		lister := kind.Lister{API: api, Server: spec.ParseVersion("0.205.0")}
		list, err := lister.List(b.Context(), client.SandboxFilter{})
		if err != nil || len(list) != 200 {
			b.Fatal(len(list), err)
		}
	}
}
