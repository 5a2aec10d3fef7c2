package apply_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"fleet/internal/emulator"
	"fleet/internal/export"
	"fleet/internal/format"
	"fleet/plan"
	"fleet/spec"
)

// TestExportLaws checks what holds for every organization that is exported. For a
// fleet's sandboxes, the plan of the exported spec is empty. Sandboxes that no fleet
// owns are adopted unchanged; after that the plan is empty. Exporting once more gives
// the same text, which is formatted. Export writes nothing.
func TestExportLaws(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		newer := rapid.Bool().Draw(rt, "server knows 0.205")
		var specs []string
		for range rapid.IntRange(1, 2).Draw(rt, "specs") {
			specs = append(specs, randomSpec(rt, newer))
		}
		others := randomOthers(rt)
		released := rapid.Bool().Draw(rt, "no fleet owns them")
		opts := export.Options{
			Adopt: true, State: rapid.Bool().Draw(rt, "with state"),
			Secrets: rapid.SampledFrom([]export.SecretMode{export.SecretsOmit, export.SecretsPlain}).Draw(rt, "secrets"),
		}
		gone := rapid.IntRange(0, 3).Draw(rt, "gone") // a copy that another user deleted
		var broken string
		synctest.Test(t, func(t *testing.T) {
			d := newDaytona(t, emulator.Options{APIVersion: map[bool]string{true: emulator.Version205, false: emulator.Version190}[newer]})
			defer d.close()
			broken = exported(d, newer, specs, others, released, gone, opts)
		})
		if broken != "" {
			rt.Fatal(broken)
		}
	})
}

// exported applies the specs, exports the organization, and returns which law was
// broken; empty if none was.
func exported(d *daytona, newer bool, specs []string, others []map[string]any, released bool, gone int, opts export.Options) string {
	d.settle(newer, others)
	for _, text := range specs {
		if r := d.run(d.plan(parse(d.t, text), plan.Options{AllowDestroy: 1000})); !r.OK() {
			return outcome(r)
		}
	}
	for _, r := range parse(d.t, specs[len(specs)-1]).OfKind(spec.SandboxKind) {
		if r.GroupSize > 1 && strings.HasSuffix(r.Key, fmt.Sprintf("[%d]", gone)) {
			d.remove(r.Name())
		}
	}
	opts.Name = parse(d.t, specs[len(specs)-1]).Name
	if released {
		d.release(opts.Name)
	}
	d.log()
	first, err := export.Run(context.Background(), d.api, opts)
	if err != nil {
		return fmt.Sprintf("%v\nof\n%s", err, specs[len(specs)-1])
	}
	if _, writing := d.log(); len(writing) > 0 {
		return fmt.Sprintf("exporting wrote %v", writing)
	}
	if formatted, err := format.Source(first.Text); err != nil || string(formatted) != string(first.Text) {
		return fmt.Sprintf("%v: it is not formatted:\n%s", err, first.Text)
	}
	broken := func(what string, p *plan.Plan) string {
		return fmt.Sprintf("%s:\n%s\nof the export\n%s%s\n\nof\n%s", what, story(p), first.Text, strings.Join(first.Notes, "\n"), specs[len(specs)-1])
	}
	f := parse(d.t, string(first.Text))
	p := d.plan(f, plan.Options{})
	// For ignored attributes a fingerprint keeps an older digest, or has none. For
	// attributes that only an earlier spec set, it may have none.
	sealedInPart := len(specs) > 1 || strings.Contains(strings.Join(specs, ""), "ignore:")
	announced := strings.Contains(strings.Join(first.Notes, "\n"), "writes only the labels of ")
	for _, s := range p.Steps {
		if sealedInPart && announced && s.Action == plan.Update && len(s.Changes) == 0 && len(s.Ops) == 1 && s.Ops[0].Verb == plan.DoLabel {
			continue
		}
		if s.Blocked != nil || len(s.Changes) > 0 || s.Action != plan.NoOp && s.Action != plan.Adopt {
			return broken("the plan is not empty", p)
		}
		if s.Action == plan.Adopt && d.sandboxes()[s.Name].Labels["fleet-name"] != "" {
			return broken("what the fleet owns is adopted", p)
		}
	}
	again, err := export.Run(context.Background(), d.api, opts)
	if err != nil || string(again.Text) != string(first.Text) {
		return fmt.Sprintf("%v: at the second time it is\n%s\nand not\n%s", err, again.Text, first.Text)
	}
	if r := d.run(p); !r.OK() {
		return broken("the adoption failed: "+outcome(r), p)
	}
	if p := d.plan(f, plan.Options{}); !p.Empty() {
		return broken("after the adoption the plan is not empty", p)
	}
	return ""
}

// remove deletes a sandbox if it exists, and waits until it is gone.
func (d *daytona) remove(name string) {
	d.t.Helper()
	if s, there := d.sandboxes()[name]; there {
		d.send("DELETE", "/api/sandbox/"+s.ID, nil)
		time.Sleep(time.Minute) // of the bubble's clock
	}
}

// release removes fleet's labels from the sandboxes of a fleet.
func (d *daytona) release(fleet string) {
	d.t.Helper()
	var page struct {
		Items []struct {
			ID     string
			Labels map[string]string
		}
	}
	if err := json.Unmarshal(d.send("GET", "/api/sandbox/paginated?limit=200", nil), &page); err != nil {
		d.t.Fatal(err)
	}
	for _, s := range page.Items {
		if s.Labels["fleet-name"] != fleet {
			continue
		}
		for k := range s.Labels {
			if strings.HasPrefix(k, "fleet-") {
				delete(s.Labels, k)
			}
		}
		d.send("PUT", "/api/sandbox/"+s.ID+"/labels", map[string]any{"labels": s.Labels})
	}
}

// TestExportOfForgottenSnapshot exports a sandbox whose spec no longer names its
// snapshot, so that its fingerprint does not cover the content. A plan of the export
// writes the fingerprint, which the export announces.
func TestExportOfForgottenSnapshot(t *testing.T) {
	const head = "version: 1\nname: laws\ntarget: us\nsnapshots: {base: {image: 'debian:12'}}\n"
	specs := []string{
		head + "sandboxes: {web: {snapshot: base}, box: {snapshot: base}}",
		head + "sandboxes: {web: {labels: {a: b}}, box: {snapshot: base}}",
	}
	synctest.Test(t, func(t *testing.T) {
		d := newDaytona(t, emulator.Options{APIVersion: emulator.Version205})
		defer d.close()
		if broken := exported(d, true, specs, nil, false, 0, export.Options{Adopt: true}); broken != "" {
			t.Error(broken)
		}
	})
}
