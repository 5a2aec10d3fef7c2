package apply_test

import (
	"encoding/json"
	"testing"

	"fleet/internal/emulator"
	"fleet/plan"
)

// TestChangedElsewhere changes attributes of a sandbox as another client does. The next
// plan has to see each change, even if the server's lists do not show it, and executing
// it has to revert the change, labels included.
func TestChangedElsewhere(t *testing.T) {
	const text = `
version: 1
name: guarded
sandboxes:
  web:
    image: python:3.12
    auto_stop_interval: 30
    auto_archive_interval: 60
    auto_delete_interval: 90
    public: false
    network_block_all: false
    network_allow_list: [10.0.0.0/8]
    domain_allow_list: [example.com]
    labels: {team: a}
`
	changes := []struct {
		attribute, method, path string
		body                    any
	}{
		{"network_allow_list", "POST", "/network-settings", map[string]any{"networkAllowList": "0.0.0.0/0"}},
		{"network_allow_list", "POST", "/network-settings", map[string]any{"networkAllowList": ""}},
		{"network_block_all", "POST", "/network-settings", map[string]any{"networkBlockAll": true}},
		{"domain_allow_list", "POST", "/network-settings", map[string]any{"domainAllowList": "example.net"}},
		{"auto_stop_interval", "POST", "/autostop/0", nil},
		{"auto_archive_interval", "POST", "/autoarchive/0", nil},
		{"auto_delete_interval", "POST", "/autodelete/-1", nil},
		{"public", "POST", "/public/true", nil},
	}
	for _, version := range []string{emulator.Version190, emulator.Version205, emulator.Version220} {
		t.Run(version, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{APIVersion: version})
			defer d.close()
			f := parse(t, text)
			if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
				t.Fatal(outcome(r))
			}
			id := d.onlySandbox()
			for _, c := range changes {
				d.send(c.method, "/api/sandbox/"+id+c.path, c.body)
				p := d.plan(f, plan.Options{})
				if !changesAttribute(p, c.attribute) {
					t.Errorf("%s%s: the plan does not see that %s changed:\n%s", c.path, c.body, c.attribute, story(p))
				}
				if r := d.run(p); !r.OK() {
					t.Fatalf("%s%s: %s", c.path, c.body, outcome(r))
				}
			}
			if p := d.plan(f, plan.Options{}); !p.Empty() {
				t.Error(story(p))
			}

			// Labels can be written even if an attribute was changed before.
			d.send("POST", "/api/sandbox/"+id+"/network-settings", map[string]any{"networkAllowList": "0.0.0.0/0"})
			f = parse(t, text+"    language: python\n")
			if r := d.run(d.plan(f, plan.Options{})); !r.OK() {
				t.Error(outcome(r))
			}
		})
	}
}

// onlySandbox returns the id of the one sandbox that the server has.
func (d *daytona) onlySandbox() string {
	d.t.Helper()
	var list struct{ Items []struct{ ID string } }
	if err := json.Unmarshal(d.send("GET", "/api/sandbox", nil), &list); err != nil || len(list.Items) != 1 {
		d.t.Fatalf("%d sandboxes: %v", len(list.Items), err)
	}
	return list.Items[0].ID
}

// changesAttribute reports whether a step of the plan changes the attribute.
func changesAttribute(p *plan.Plan, key string) bool {
	for _, s := range p.Steps {
		for _, c := range s.Changes {
			if c.Attribute == key {
				return true
			}
		}
	}
	return false
}
