package observe_test

import (
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/client"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// answers is a server that answers with bodies, or statuses, by path.
type answers map[string]string

func (a answers) RoundTrip(req *http.Request) (*http.Response, error) {
	rec := httptest.NewRecorder()
	rec.Header().Set("Content-Type", "application/json")
	body, ok := a[req.URL.Path]
	status, err := strconv.Atoi(body)
	switch {
	case !ok:
		rec.WriteHeader(http.StatusNotFound)
		body = "{}"
	case err == nil:
		rec.WriteHeader(status)
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
			plan.Limit{Max: plan.Maximum{CPU: n(2), Memory: n(3), Disk: n(5)}, PersistentDisk: n(0)},
		},
		{
			"of the organisation", organization, `"maxCpuPerSandbox": null, "maxMemoryPerSandbox": 3, "maxDiskPerSandbox": null, "maxDiskPerNonEphemeralSandbox": null`,
			plan.Limit{Max: plan.Maximum{CPU: n(4), Memory: n(3), Disk: n(10)}},
		},
		{"none that is known", `{"id": "o1"}`, `"maxCpuPerSandbox": null, "maxMemoryPerSandbox": null, "maxDiskPerSandbox": null`, plan.Limit{}},
		{
			"with GPUs", `{"id": "o1"}`, `"maxCpuPerGpu": 16, "maxMemoryPerGpu": null, "maxDiskPerGpu": 0`,
			plan.Limit{PerGPU: plan.Maximum{CPU: n(16), Disk: n(0)}},
		},
		{"all types of GPUs", `{"id": "o1"}`, `"allowedGpuTypes": null`, plan.Limit{}},
		{"no types of GPUs", `{"id": "o1"}`, `"allowedGpuTypes": []`, plan.Limit{GPUTypes: []string{}}},
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
			c.want.QuotaScope = plan.QuotaScope{Region: "eu", Class: "container"}
			got := observe.ReadQuotaStatus(t.Context(), api, &plan.World{}).Limits
			if d := cmp.Diff([]plan.Limit{c.want}, got); d != "" {
				t.Errorf("limits (-want +got):\n%s", d)
			}
		})
	}
}

// TestUnchecked: a plan knows why quotas could not be read, and that is no error.
func TestUnchecked(t *testing.T) {
	const key, limits = `{"permissions": ["write:sandboxes"]}`, `{"organizationId": "o1", "permissions": ["read:limits"]}`
	const current, usage = "/api/api-keys/current", "/api/organizations/o1/usage"
	for _, c := range []struct {
		name, version string
		token         bool
		answers       answers
		want          string
	}{
		{"a key that may", "0.205.0", false, answers{current: limits, usage: `{"regionUsage": []}`}, ""},
		{"a key on a server on which none may", "0.190.0", false, answers{current: key, usage: "401"}, "the API key may not read it"},
		{"a key that may not", "0.205.0", false, answers{current: key, usage: "403"}, "the API key may not read it, it lacks read:limits"},
		{"a key that is refused all the same", "0.205.0", false, answers{current: limits, usage: "403"}, "the server does not report it (forbidden)"},
		{"a key of an unknown organisation", "0.205.0", false, answers{current: `{"permissions": ["read:limits"]}`}, "the server does not report the organisation of the API key"},
		{"a key that the server does not describe", "0.205.0", false, answers{current: "401"}, "the server does not report the permissions of the API key"},
		{"a token that may", "0.190.0", true, answers{usage: `{"regionUsage": []}`}, ""},
		{"a token that may not", "0.190.0", true, answers{usage: "401"}, "the server does not report it (unauthorized)"},
	} {
		t.Run(c.name, func(t *testing.T) {
			config := client.Config{URL: "http://localhost/api", Key: "k", Transport: c.answers}
			if c.token {
				config.Key, config.JWT, config.Organization = "", "a.b.c", "o1"
			}
			api, err := client.New(config)
			if err != nil {
				t.Fatal(err)
			}
			s := observe.ReadQuotaStatus(t.Context(), api, &plan.World{Facts: spec.Facts{Version: spec.ParseVersion(c.version)}})
			if s.UncheckedReason != c.want {
				t.Errorf("got %q, want %q", s.UncheckedReason, c.want)
			}
		})
	}
}
