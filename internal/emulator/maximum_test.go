package emulator

import "testing"

// TestMaximumOfOneSandbox checks the size that one sandbox may have, with and without
// GPUs, and how the quota, a fault and the control endpoint change it. A snapshot has the
// same limits.
func TestMaximumOfOneSandbox(t *testing.T) {
	gpu := obj("gpu", 1, "autoDeleteInterval", 0)
	for name, c := range map[string]struct {
		fault string
		quota map[string]any
		size  map[string]any
		also  map[string]any
		want  string // "" if it is created
	}{
		"all of it":                {size: obj("cpu", 4, "memory", 8, "disk", 10)},
		"vCPU":                     {size: obj("cpu", 5), want: "CPU request 5 exceeds maximum allowed per sandbox (4).\n"},
		"memory":                   {size: obj("memory", 9), want: "Memory request 9GB exceeds maximum allowed per sandbox (8GB).\n"},
		"disk":                     {size: obj("disk", 11), want: "Disk request 11GB exceeds maximum allowed per sandbox (10GB).\n"},
		"all of it with a GPU":     {size: obj("cpu", 16, "memory", 192, "disk", 512), also: gpu},
		"vCPU with a GPU":          {size: obj("cpu", 17), also: gpu, want: "CPU request 17 exceeds maximum allowed per sandbox (16).\n"},
		"memory with a GPU":        {size: obj("memory", 193), also: gpu, want: "Memory request 193GB exceeds maximum allowed per sandbox (192GB).\n"},
		"disk with a GPU":          {size: obj("disk", 513), also: gpu, want: "Disk request 513GB exceeds maximum allowed per sandbox (512GB).\n"},
		"raised":                   {fault: "quota max-cpu=32", size: obj("cpu", 32)},
		"above the raised one":     {fault: "quota max-cpu=32", size: obj("cpu", 33), want: "CPU request 33 exceeds maximum allowed per sandbox (32).\n"},
		"only one raised":          {fault: "quota max-cpu=32", size: obj("cpu", 32, "disk", 11), want: "Disk request 11GB"},
		"GPUs are not raised":      {fault: "quota max-cpu=32", size: obj("cpu", 32), also: gpu, want: "CPU request 32 exceeds maximum allowed per sandbox (16).\n"},
		"raised for GPUs":          {fault: "quota max-cpu-per-gpu=32 max-memory-per-gpu=256 max-disk-per-gpu=600", size: obj("cpu", 32, "memory", 256, "disk", 600), also: gpu},
		"raised only for GPUs":     {fault: "quota max-cpu-per-gpu=32", size: obj("cpu", 5), want: "CPU request 5 exceeds"},
		"lowered":                  {quota: obj("maxMemoryPerSandbox", 2), size: obj("memory", 3), want: "Memory request 3GB exceeds maximum allowed per sandbox (2GB).\n"},
		"another quota":            {quota: obj("cpu", 100), size: obj("cpu", 5), want: "CPU request 5 exceeds"},
		"any size":                 {fault: "any-size", size: obj("cpu", 500, "memory", 900, "disk", 1000)},
		"any size with a GPU":      {fault: "any-size", size: obj("cpu", 500, "memory", 900, "disk", 1000), also: gpu},
		"any size, whatever it is": {fault: "any-size", quota: obj("maxCpuPerSandbox", 2), size: obj("cpu", 3)},
	} {
		t.Run(name, func(t *testing.T) {
			var faults []string
			if c.fault != "" {
				faults = []string{c.fault}
			}
			g := newRig(t, Options{Faults: faults})
			if c.quota != nil {
				g.control("POST", "organization", obj("quota", c.quota))
			}
			status := 200
			if c.want != "" {
				status = 400
			}
			for _, path := range []string{"/sandbox", "/snapshots"} {
				body := obj("name", "big", "buildInfo", obj("dockerfileContent", "FROM debian:12\n"))
				for _, fields := range []map[string]any{c.size, c.also} {
					for k, v := range fields {
						body[k] = v
					}
				}
				if path == "/snapshots" {
					delete(body, "autoDeleteInterval")
				}
				g.expect("POST", path, body, status, c.want)
			}
		})
	}
}

// TestMaximumIsReported checks that the usage overview reports the limits of one sandbox
// that hold, or none.
func TestMaximumIsReported(t *testing.T) {
	names := []string{"maxCpuPerSandbox", "maxMemoryPerSandbox", "maxDiskPerSandbox", "maxCpuPerGpu", "maxMemoryPerGpu", "maxDiskPerGpu"}
	for fault, want := range map[string][]any{
		"list-lag 1ms":                         {4.0, 8.0, 10.0, 16.0, 192.0, 512.0},
		"quota max-disk=20 max-disk-per-gpu=9": {4.0, 8.0, 20.0, 16.0, 192.0, 9.0},
		"any-size":                             {nil, nil, nil, nil, nil, nil},
	} {
		g := newRig(t, Options{Faults: []string{fault}})
		usage := g.must("GET", "/organizations/a22ecc30-89fd-4307-92b2-c896f2ea1f8b/usage", nil).field("regionUsage").([]any)[0].(map[string]any)
		for i, name := range names {
			if got, known := usage[name]; !known || got != want[i] {
				t.Errorf("%s: %s is %v, want %v", fault, name, got, want[i])
			}
		}
	}
}

// TestResizeWithinMaximum checks that a resize cannot exceed the limits.
func TestResizeWithinMaximum(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("buildInfo", obj("dockerfileContent", "FROM debian:12\n")))
	g.must("GET", "/sandbox/"+id, nil)
	g.expect("POST", "/sandbox/"+id+"/resize", obj("cpu", 5), 400, "CPU request 5 exceeds maximum allowed per sandbox (4).")
	g.expect("POST", "/sandbox/"+id+"/resize", obj("cpu", 4), 200, "")
}
