package emulator

import "testing"

// TestGPUTypesAreChecked checks that an empty list allows no types, and a missing list
// allows all.
func TestGPUTypesAreChecked(t *testing.T) {
	g := newRig(t, Options{})
	gpu := func(types ...any) map[string]any {
		body := obj("buildInfo", obj("dockerfileContent", "FROM a:1\n"), "gpu", 1, "autoDeleteInterval", 0)
		if len(types) > 0 {
			body["gpuType"] = types
		}
		return body
	}
	g.expect("POST", "/sandbox", gpu("H200"), 200, "")
	g.control("POST", "organization", obj("quota", obj("gpuTypes", []any{})))
	g.expect("POST", "/sandbox", gpu(), 400, "No GPU types are allowed in this region.")
	g.control("POST", "organization", obj("quota", obj("gpuTypes", []any{"H100", "RTX-4090"})))
	g.expect("POST", "/sandbox", gpu(), 200, "")
	g.expect("POST", "/sandbox", gpu("H200", "H100"), 200, "")
	g.expect("POST", "/sandbox", gpu("H200"), 400, "Requested GPU type(s) H200 not permitted in this region. Allowed: H100, RTX-4090.")
}

// TestRegionsOfTheOrganisation checks that regions which the organisation may not use are
// not found.
func TestRegionsOfTheOrganisation(t *testing.T) {
	g := newRig(t, Options{})
	g.expect("POST", "/sandbox", obj("target", "eu"), 200, "")
	g.control("POST", "organization", obj("regions", []any{"us"}))
	g.expect("POST", "/sandbox", obj("target", "eu"), 404, "Region not found")
	g.expect("GET", "/regions/eu", nil, 404, "Region not found")
	g.expect("POST", "/sandbox", obj("target", "us"), 200, "")
}
