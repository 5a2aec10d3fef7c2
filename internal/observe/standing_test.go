package observe_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
)

// answers is a server that answers with bodies by path.
type answers map[string]string

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json")
	body, ok := a[req.URL.Path]
	if !ok {
		rec.WriteHeader(http.StatusNotFound)
		body = "{}"
	}
	_, _ = rec.WriteString(body)
	return rec.Result(), nil
}

// TestLimits: null is no limit of the region, and the organisation's counts where
// it can be read; 0 is a limit.
func TestLimits(t *testing.T) {
	n := func(n int) *int { return &n }
	const organization = `{"id": "o1", "maxCpuPerSandbox": 4, "maxMemoryPerSandbox": 8, "maxDiskPerSandbox": 10}`
	for _, c := range []struct {
		name, organization, region string
		want                       plan.Limit
	}{
		{
			"of the region", organization, `"maxCpuPerSandbox": 2, "maxMemoryPerSandbox": 3.5, "maxDiskPerSandbox": 5, "maxDiskPerNonEphemeralSandbox": 0`,
			plan.Limit{Most: plan.Maximum{CPU: n(2), Memory: n(3), Disk: n(5)}, Lasting: n(0)},
		},
		{
			"of the organisation", organization, `"maxCpuPerSandbox": null, "maxMemoryPerSandbox": 3, "maxDiskPerSandbox": null, "maxDiskPerNonEphemeralSandbox": null`,
			plan.Limit{Most: plan.Maximum{CPU: n(4), Memory: n(3), Disk: n(10)}},
		},
		{"none that is known", `{"id": "o1"}`, `"maxCpuPerSandbox": null, "maxMemoryPerSandbox": null, "maxDiskPerSandbox": null`, plan.Limit{}},
		{
			"with GPUs", `{"id": "o1"}`, `"maxCpuPerGpu": 16, "maxMemoryPerGpu": null, "maxDiskPerGpu": 0`,
			plan.Limit{PerGPU: plan.Maximum{CPU: n(16), Disk: n(0)}},
		},
		{
			"with GPUs, before 0.205", `{"id": "o1"}`, `"maxCpuPerGpuSandbox": 16, "maxMemoryPerGpuSandbox": 64, "maxDiskPerGpuSandbox": null`,
			plan.Limit{WithGPU: plan.Maximum{CPU: n(16), Memory: n(64)}},
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			api, err := client.New(client.Config{URL: "http://localhost/api", JWT: "a.b.c", Organization: "o1", Transport: answers{
				"/api/organizations/o1":       c.organization,
				"/api/organizations/o1/usage": `{"regionUsage": [{"regionId": "eu", "sandboxClass": "container", ` + c.region + `}]}`,
			}})
			if err != nil {
				t.Fatal(err)
			}
			c.want.Place = plan.Place{Region: "eu", Class: "container"}
			got := observe.StandingOf(t.Context(), api, &plan.World{}).Limits
			if d := cmp.Diff([]plan.Limit{c.want}, got); d != "" {
				t.Errorf("limits (-want +got):\n%s", d)
			}
		})
	}
}
