// Package applytest has the resources that the tests of apply and of its schedule run.
package applytest

import (
	"testing"

	"fleet/plan"
	"fleet/spec"
)

// Resources returns the resources of a spec that has each kind of creation, by address.
func Resources(t *testing.T) map[string]*spec.Resource {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
images: {i: {dockerfile: "FROM a:1\n"}}
snapshots:
  base: {name: the-base, image: "a:1"}
  built: {image: i}
sandboxes:
  plain: {snapshot: daytona-small}
  eu: {snapshot: daytona-small, target: eu}
  us: {snapshot: daytona-small, target: us}
  based: {snapshot: base}
  made: {image: i}
  linked: {snapshot: daytona-small, linked_sandbox: plain, ephemeral: true}
`)})
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]*spec.Resource{}
	for _, r := range f.Resources {
		all[r.String()] = r
	}
	return all
}

// InRegion returns a started sandbox in a region, given by its id.
func InRegion(id string) *plan.Object {
	o := &plan.Object{ID: "1", State: spec.Started, TargetState: spec.Started}
	for _, a := range spec.Tables[spec.SandboxKind] {
		if a.Key == "target" {
			o.Attrs = o.Attrs.With(a, id)
		}
	}
	return o
}
