package failover_test

import (
	"fmt"
	"maps"
	"strings"
)

// checkSandboxes fails the test unless exactly the sandboxes of the specs exist, each with
// the labels of its spec.
func (r *rig) checkSandboxes() {
	r.t.Helper()
	found := map[string]string{} // names, by fleet and key
	for _, s := range r.daytona.sandboxes(r.t) {
		address := s.Labels["fleet-name"] + "/" + s.Labels["fleet-key"]
		if other, ok := found[address]; ok {
			r.t.Errorf("duplicate: %s and %s are %s", other, s.Name, address)
		}
		found[address] = s.Name
		for key, value := range r.want {
			if s.Labels[key] != value {
				r.t.Errorf("lost write: %s has the labels %v, want %v", s.Name, s.Labels, r.want)
				break
			}
		}
		if s.Labels["fleet-pending"] != "" || s.State != "started" {
			r.t.Errorf("%s is %s, with the labels %v", s.Name, s.State, s.Labels)
		}
	}
	for i := range r.fleets {
		for j := range r.count {
			address := fmt.Sprintf("%[1]s/%[1]s[%[2]d]", fleetName(i), j)
			if found[address] == "" {
				r.t.Errorf("lost write: %s does not exist", address)
			}
			delete(found, address)
		}
	}
	for address := range maps.Keys(found) {
		r.t.Errorf("orphan: %s is %s", found[address], address)
	}
}

// checkPrinted fails the test if a replica lacked access, or reported work that it gave up as
// an error.
func (r *rig) checkPrinted() {
	r.t.Helper()
	for _, x := range r.replicas {
		for line := range strings.Lines(x.printed.String()) {
			if strings.Contains(line, "forbidden") || strings.Contains(line, "Reconciler error") && strings.Contains(line, "context canceled") {
				r.t.Errorf("%s printed %s", x.name, line)
			}
		}
	}
}

// checkCreates fails the test if a sandbox was created more often than its versions demand.
func (r *rig) checkCreates(versions int) {
	r.t.Helper()
	times := map[string]int{}
	for _, w := range r.daytona.log() {
		if w.isCreate() {
			times[w.labels["fleet-name"]+"/"+w.labels["fleet-key"]]++
		}
	}
	for address, n := range times {
		if n > versions {
			r.t.Errorf("duplicate: %s was created %d times, want %d", address, n, versions)
		}
	}
}
