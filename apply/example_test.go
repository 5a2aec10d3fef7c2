package apply_test

import (
	"context"
	"fmt"

	"fleet/apply"
	"fleet/client"
	"fleet/daytonatest"
	"fleet/internal/observe"
	"fleet/plan"
	"fleet/spec"
)

// Create a volume and two sandboxes, and apply the same spec once more.
func ExampleRun() {
	ctx := context.Background()
	server, err := daytonatest.New(daytonatest.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	api, err := client.New(client.Config{URL: server.URL, Key: daytonatest.Key})
	if err != nil {
		fmt.Println(err)
		return
	}
	fleet, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte(`
version: 1
name: demo
volumes: {cache: {}}
sandboxes:
  web: {snapshot: daytona-small}
  worker: {snapshot: daytona-small, volumes: [{volume: cache, mount_path: /cache}]}
`)})
	if err != nil {
		fmt.Println(err)
		return
	}

	for range 2 {
		world, err := observe.Observe(ctx, api, observe.Scope{Fleet: fleet, Plan: &plan.Options{}})
		if err != nil {
			fmt.Println(err)
			return
		}
		p, err := plan.Compute(fleet, world, plan.Options{})
		if err != nil {
			fmt.Println(err)
			return
		}
		report := apply.Run(ctx, api, p, apply.Options{}, func(e apply.Event) {
			if e.Phase == apply.Failed {
				fmt.Println(e.Step.Address, "failed:", e.Err)
			}
		})
		fmt.Println(report.Count(apply.Done), "done, complete:", report.OK())
		for _, result := range report.Results {
			fmt.Println(" ", result.Step.Action, result.Step.Address, result.Outcome)
		}
	}

	// Output:
	// 3 done, complete: true
	//   create volume.cache done
	//   create sandbox.web done
	//   create sandbox.worker done
	// 0 done, complete: true
}
