package plan

import (
	"strings"
	"testing"

	"fleet/spec"
)

// intPtr returns a pointer to n, as limits need it.
func intPtr(n int) *int { return &n }

// TestLimitExceeded checks each part of the limit for one sandbox.
func TestLimitExceeded(t *testing.T) {
	most := Maximum{CPU: intPtr(4), Memory: intPtr(8), Disk: intPtr(10)}
	size := func(cpu, memory, disk, gpu int) spec.Footprint {
		return spec.Footprint{CPU: cpu, Memory: memory, Disk: disk, GPU: gpu}
	}
	for _, c := range []struct {
		name    string
		limit   Limit
		size    spec.Footprint
		lasting bool
		want    string
	}{
		{"all that it may have", Limit{Max: most}, size(4, 8, 10, 0), true, ""},
		{"vCPU", Limit{Max: most}, size(5, 8, 10, 0), true, "5 vCPU is more than the 4"},
		{"memory", Limit{Max: most}, size(4, 9, 10, 0), true, "9 GiB memory is more than the 8"},
		{"disk", Limit{Max: most}, size(4, 8, 11, 0), true, "11 GiB disk is more than the 10"},
		{"no maxima", Limit{}, size(400, 800, 1000, 0), true, ""},
		{"no maximum of vCPU", Limit{Max: Maximum{Memory: intPtr(8)}}, size(400, 8, 1000, 0), true, ""},
		{"a maximum of 0", Limit{Max: Maximum{CPU: intPtr(0)}}, size(1, 1, 1, 0), true, "1 vCPU is more than the 0"},
		{"less disk for what lasts", Limit{Max: most, PersistentDisk: intPtr(5)}, size(1, 1, 6, 0), true, "6 GiB disk is more than the 5"},
		{"more disk for what lasts", Limit{Max: most, PersistentDisk: intPtr(50)}, size(1, 1, 11, 0), true, "11 GiB disk is more than the 10"},
		{"ephemeral", Limit{Max: most, PersistentDisk: intPtr(5)}, size(1, 1, 6, 0), false, ""},
		{"nothing may last", Limit{Max: most, PersistentDisk: intPtr(0)}, size(1, 1, 1, 0), true, "only ephemeral sandboxes are permitted in us"},
		{"ephemeral where nothing may last", Limit{Max: most, PersistentDisk: intPtr(0)}, size(1, 1, 1, 0), false, ""},
		{"for each GPU", Limit{Max: most, PerGPU: Maximum{CPU: intPtr(8)}}, size(16, 8, 10, 2), false, ""},
		{"too much for each GPU", Limit{Max: most, PerGPU: Maximum{CPU: intPtr(8)}}, size(17, 8, 10, 2), false, "17 vCPU is more than the 16"},
		{"with GPUs", Limit{Max: most, WithGPU: Maximum{Memory: intPtr(64)}}, size(4, 64, 10, 2), false, ""},
		{"too much with GPUs", Limit{Max: most, WithGPU: Maximum{Memory: intPtr(64)}}, size(4, 65, 10, 2), false, "65 GiB memory is more than the 64"},
		{"with GPUs as without", Limit{Max: most}, size(4, 8, 11, 1), false, "11 GiB disk is more than the 10"},
		{"GPUs do not raise the rest", Limit{Max: most, PerGPU: Maximum{CPU: intPtr(8)}}, size(5, 1, 1, 0), false, "5 vCPU is more than the 4"},
	} {
		c.limit.Region = "us"
		got := c.limit.exceededReason(c.size, c.size, c.lasting)
		if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: got %q, want %q", c.name, got, c.want)
		}
	}
}

// Objects that exceed a known limit are blocked: new sandboxes and snapshots,
// replacements, and changes in place.
func TestLimitBlocks(t *testing.T) {
	const small = "sandboxes:\n  a: {image: \"debian:12\", target: us, resources: {cpu: 1, memory: 1, disk: 3}}\n"
	with := func(resources string) string {
		return "sandboxes:\n  a: {image: \"debian:12\", target: us, resources: {" + resources + "}}\n"
	}
	us := func(class string, most Maximum) Limit {
		return Limit{QuotaScope: QuotaScope{"region-1", class}, Max: most}
	}
	two := []Limit{us("container", Maximum{CPU: intPtr(2), Memory: intPtr(2), Disk: intPtr(5)})}
	for _, c := range []struct {
		name   string
		limits []Limit
		was    string
		is     string
		action Action
		want   string // reason of the block; "" for no block
	}{
		{"created", two, nothing, with("cpu: 3"), Create, "3 vCPU"},
		{"created, memory", two, nothing, with("memory: 3"), Create, "3 GiB memory"},
		{"created, disk", two, nothing, with("disk: 6"), Create, "6 GiB disk"},
		{"replaced", two, small, strings.Replace(with("memory: 3"), "12", "13", 1), Replace, "3 GiB memory"},
		{"snapshot", two, nothing, "snapshots: {s: {image: \"debian:12\", target: us, resources: {disk: 6}}}\n", Create, "6 GiB disk"},
		{"grows", two, small, with("cpu: 3, memory: 1, disk: 3"), Update, "3 vCPU"},
		{"grows, disk", two, small, with("cpu: 1, memory: 1, disk: 6"), Update, "6 GiB disk"},
		{"grows to the maximum", two, small, with("cpu: 2, memory: 2, disk: 5"), Update, ""},
		{"another part is too big already", []Limit{us("container", Maximum{CPU: intPtr(0)})}, small, with("cpu: 1, memory: 2, disk: 3"), Update, ""},
		{"grows without limits", []Limit{us("container", Maximum{})}, small, with("cpu: 3, memory: 9, disk: 99"), Update, ""},
		{"limits of another class", []Limit{us("linux-vm", Maximum{CPU: intPtr(1)})}, small, with("cpu: 3, memory: 1, disk: 3"), Update, ""},
		{"limits of another region", []Limit{{QuotaScope: QuotaScope{"region-2", "container"}, Max: Maximum{CPU: intPtr(1)}}}, small, with("cpu: 3, memory: 1, disk: 3"), Update, ""},
		{"ignored", two, small, "sandboxes:\n  a: {image: \"debian:12\", target: us, resources: {cpu: 3, memory: 2}, ignore: [resources.cpu]}\n", Update, ""},
		{"labels of what is too big", []Limit{us("container", Maximum{CPU: intPtr(0)})}, small, strings.Replace(small, "target", "labels: {a: b}, target", 1), Update, ""},
		{
			"virtual machine",
			[]Limit{us("container", Maximum{}), us("linux-vm", Maximum{CPU: intPtr(2)})},
			nothing,
			"snapshots: {s: {image: \"debian:12\", class: linux-vm, resources: {cpu: 3}}}\nsandboxes: {a: {snapshot: s, target: us}}\n", Create, "3 vCPU",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, parse(t, c.was))
			w.QuotaStatus = &QuotaStatus{Limits: c.limits}
			f := parse(t, c.is)
			w.observe(f)
			p := mustCompute(f, w, Options{AllowDestroy: 9})
			s := p.Steps[len(p.Steps)-1]
			if s.Action != c.action {
				t.Fatalf("got %s, want %s", line(s), c.action)
			}
			got := ""
			if s.Blocked != nil {
				got = string(s.Blocked.Kind) + ": " + s.Blocked.Reason
			}
			if c.want == "" && got != "" || c.want != "" && !strings.HasPrefix(got, "illegal: "+c.want+" is more than the ") {
				t.Errorf("blocked by %q, want %q", got, c.want)
			}
		})
	}
}

// A sandbox has the class of its snapshot, even if the spec does not declare that.
func TestLimitsOfOrganisationSnapshots(t *testing.T) {
	f := parse(t, "sandboxes: {a: {snapshot: big, target: us}}\n")
	w := newWorld(t, parse(t, nothing))
	o := big(t)
	o.set(t, spec.SnapshotKind, "class", "linux-vm")
	w.Add(spec.SnapshotKind, o)
	w.QuotaStatus = &QuotaStatus{Limits: []Limit{
		{QuotaScope: QuotaScope{"region-1", "container"}, Max: Maximum{CPU: intPtr(1)}},
		{QuotaScope: QuotaScope{"region-1", "linux-vm"}, Max: Maximum{CPU: intPtr(4)}},
	}}
	if s := mustCompute(f, w, Options{}).Steps[0]; s.Blocked != nil {
		t.Error(line(s))
	}
	w.QuotaStatus.Limits[1].Max.CPU = intPtr(3)
	if s := mustCompute(f, w, Options{}).Steps[0]; s.Blocked == nil {
		t.Error(line(s))
	}
}

// TestGPUTypes checks that types of GPUs which the region does not allow are blocked.
func TestGPUTypes(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed []string
		more    string
		want    string
	}{
		{"all", nil, "gpu: 1", ""},
		{"none", []string{}, "gpu: 1", "no GPUs are allowed in region-1 (ask for another type, or write another region, in sandboxes.a (fleet.yaml:4:3))"},
		{"none, and none is asked for", []string{}, "cpu: 1", ""},
		{"some, and any is asked for", []string{"H100"}, "gpu: 1", ""},
		{"one of several", []string{"H100"}, "gpu: 1, gpu_type: [H200, H100]", ""},
		{"another one", []string{"H100", "RTX-4090"}, "gpu: 1, gpu_type: [H200]", "H200 is not allowed in region-1, which has H100 or RTX-4090 (ask for another type, or write another region, in sandboxes.a (fleet.yaml:4:3))"},
	} {
		f := parse(t, "sandboxes:\n  a: {image: \"debian:12\", target: us, ephemeral: true, resources: {"+c.more+"}}\n")
		w := newWorld(t, parse(t, nothing))
		w.QuotaStatus = &QuotaStatus{Limits: []Limit{{QuotaScope: QuotaScope{"region-1", "container"}, GPUTypes: c.allowed}}}
		got := ""
		if s := mustCompute(f, w, Options{}).Steps[0]; s.Blocked != nil {
			got = s.Blocked.Reason + " (" + s.Blocked.Unblock + ")"
		}
		same(t, c.name, got, c.want)
	}
}
