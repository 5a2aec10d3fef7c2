package plan_test

import (
	"fmt"
	"log"

	"fleet/plan"
	"fleet/spec"
)

// A plan is computed from a spec and an observed world, here an empty one. That needs no
// server.
func ExampleCompute() {
	f, err := spec.Options{}.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
volumes:
  cache: {}
sandboxes:
  worker:
    count: 2
    volumes: [{volume: cache, mount_path: /cache}]
`)})
	if err != nil {
		log.Fatal(err)
	}
	p, err := plan.Compute(f, &plan.World{}, plan.Options{})
	if err != nil {
		log.Fatal(err)
	}
	for _, s := range p.Steps {
		fmt.Println(s)
	}
	// Output:
	// + volume.cache create (missing)
	// + sandbox.worker[0] create (missing)
	// + sandbox.worker[1] create (missing)
}
