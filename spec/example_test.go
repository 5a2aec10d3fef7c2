package spec_test

import (
	"fmt"
	"log"

	"fleet/spec"
)

// Read a spec, look at an attribute of a resource, and change it. A value that a
// spec must not have is an error, and changes nothing.
func Example() {
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
sandboxes:
  worker:
    count: 2
    snapshot: daytona-small
    auto_stop_interval: 30
`)})
	if err != nil {
		log.Fatal(err)
	}
	for _, r := range fleet.Resources {
		minutes, _ := r.Get("auto_stop_interval")
		fmt.Println(r.Address, r.Name(), minutes)
	}

	worker := fleet.Resources[0]
	if err := worker.Set("auto_stop_interval", 45); err != nil {
		log.Fatal(err)
	}
	minutes, _ := worker.Get("auto_stop_interval")
	fmt.Println(minutes)
	if worker.Set("auto_stop_interval", -1) != nil {
		minutes, _ = worker.Get("auto_stop_interval")
		fmt.Println("refused, and still", minutes)
	}
	// Output:
	// sandbox.worker[0] worker-0 30
	// sandbox.worker[1] worker-1 30
	// 45
	// refused, and still 45
}

// All errors of a spec are reported at once, each with its position.
func ExampleParse_errors() {
	_, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: demo\nsandboxes: {web: {publc: true, count: -1}}\n")})
	diagnostics, _ := err.(spec.Diagnostics) //nolint:errorlint // documented type
	for _, d := range diagnostics {
		fmt.Printf("%s: %s\n", d.Pos, d.Message)
	}
	// Output:
	// fleet.yaml:3:19: unknown key
	// fleet.yaml:3:39: -1 is out of range; allowed are 0 to 100000
}
