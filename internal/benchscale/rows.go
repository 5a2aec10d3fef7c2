package main

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Flags of emulators. The API version is the newest one, which lists by cursor only.
var (
	newest = []string{"--api-version", "0.220.0"}
	untold = with(newest, "--fault", "untold-limits")
	tier1  = with(newest, "--fault", "rate-limit sandbox-create=300/60s sandbox-lifecycle=10000/60s authenticated=10000/60s")
)

// with returns flags with more of them.
func with(flags []string, more ...string) []string { return append(slices.Clone(flags), more...) }

// rows are all comparisons.
var rows = []row{
	planRow(5000, []target{{"new", wall, "old", 0.35, false}}),
	planRow(20_000, []target{
		{"new", wall, "old", 0.25, false},
		{"new", cpu, "old", 0.40, false},
		{"new", memory, "old", 0.40, false},
		{"new", requests, "old", 1.25, false},
	}),
	largestPlanRow(),
	createRow("create-1000", "1,000 creations at --parallelism 250 on a server that reports no limits",
		1000, 250, with(untold, "--create", "300ms"), []string{"--parallelism", "250"},
		target{"new", wall, "floor", 1.12, false}, target{"new", requests, "", 1020, true}),
	createRow("create-1000-known", "1,000 creations at --parallelism 250 on a server that reports its limits",
		1000, 250, with(newest, "--create", "300ms"), []string{"--parallelism", "250"},
		target{"new", wall, "floor", 1.12, false}, target{"new", requests, "", 1020, true}),
	createRow("create-1000-auto", "1,000 creations, first and later run on a server that reports no limits",
		1000, 250, with(untold, "--create", "300ms"), nil,
		target{"new", wall, "floor", 1.40, false}, target{laterRun, wall, "floor", 1.20, false}),
	createRow("create-50-auto", "50 creations of 3 s on a server that reports its limits",
		50, 50, with(newest, "--create", "3s"), nil, target{"new", wall, "floor", 1.3, false}),
	createRow("create-50-untold", "50 creations of 3 s on a server that reports no limits: one round of probes more",
		50, 50, with(untold, "--create", "3s"), nil,
		target{"new", wall, "floor", 2.3, false}, target{laterRun, wall, "floor", 1.3, false}),
	createRow("create-200-tier1", "200 creations of 2 s with the published limits of tier 1",
		200, 250, with(tier1, "--create", "2s"), nil, target{"new", wall, "floor", 1.35, false}),
	createRow("create-50", "50 creations of 3 s at --parallelism 50 on a server that reports no limits",
		50, 50, with(untold, "--create", "3s"), []string{"--parallelism", "50"}, target{"new", wall, "floor", 1.1, false}),
	deleteRow(),
	validateRow(),
	renderRow("text", 2),
	renderRow("markdown", 2),
	renderRow("json", 5.5),
	dailyRow(),
}

// laterRun is the contender that knows what an earlier run learned about the server.
const laterRun = "new, later run"

// both returns the same contender for both fleets.
func both(c contender) []contender {
	old, now := c, c
	old.name, old.program = strings.TrimSpace("old "+c.name), oldFleet
	now.name, now.program = strings.TrimSpace("new "+c.name), newFleet
	return []contender{old, now}
}

var noChanges = []string{"plan", "--detailed-exitcode"}

func planRow(n int, targets []target) row {
	w := &world{n, newest}
	return row{
		name: "plan-" + strconv.Itoa(n), title: fmt.Sprintf("plan without changes of %d sandboxes", n),
		runs: append(both(contender{args: noChanges, world: w}),
			contender{name: "one cursor", program: floor, args: []string{"list"}, world: w},
			contender{name: "side by side", program: floor, args: []string{"shards"}, world: w}),
		targets: targets,
	}
}

func largestPlanRow() row {
	large, small := &world{100_000, newest}, &world{20_000, newest}
	r := row{name: "plan-100000", title: "plan without changes of 100,000 sandboxes, compared with 20,000", runs: []contender{
		{name: "20000", program: newFleet, args: noChanges, world: small},
		{name: "100000", program: newFleet, args: noChanges, world: large},
	}}
	for _, m := range []metric{wall, cpu, memory} {
		r.targets = append(r.targets, target{"100000", m, "20000", 5.5, false})
	}
	return r
}

// createRow compares creations. floor is how many the floor sends at the same time.
func createRow(name, title string, n, floorAtOnce int, flags, args []string, targets ...target) row {
	w := &world{0, flags}
	c := contender{args: append([]string{"apply", "--yes"}, args...), world: w, spec: fmt.Sprintf(worker, n), changes: true}
	runs := both(c)
	if slices.ContainsFunc(targets, func(t target) bool { return t.of == laterRun }) {
		c.program, c.name, c.warm = newFleet, laterRun, true
		runs = append(runs, c)
	}
	least := []string{"create", strconv.Itoa(n), strconv.Itoa(floorAtOnce)}
	runs = append(runs, contender{name: "floor", program: floor, args: least, world: w, changes: true})
	return row{name: name, title: title, runs: runs, targets: targets}
}

func deleteRow() row {
	r := row{name: "delete", title: "deletion of 20 and 21 sandboxes that takes 3 s"}
	for _, n := range []int{20, 21} {
		w := &world{n, with(newest, "--delete", "3s")}
		r.runs = append(r.runs, both(contender{name: strconv.Itoa(n), args: []string{"destroy", "--yes"}, world: w, changes: true})...)
	}
	r.targets = []target{{"new 20", requests, "new 21", 1, false}, {"new 21", requests, "old 21", 1, false}}
	return r
}

func validateRow() row {
	var text strings.Builder
	text.WriteString("version: 1\nname: bench\nsandboxes:\n")
	for i := range 10_000 {
		fmt.Fprintf(&text, "  worker-%d:\n    auto_stop_interval: 30\n    labels: {team: search, shard: \"%d\"}\n    env_vars: {MODE: production, SHARD: \"%d\"}\n", i, i, i)
	}
	return row{
		name: "validate-10000", title: "validation of 10,000 explicit sandboxes",
		runs:    both(contender{args: []string{"validate"}, spec: text.String()}),
		targets: []target{{"new", cpu, "old", 0.5, false}, {"new", memory, "old", 0.6, false}},
	}
}

// renderRow compares plans that create many sandboxes, as text in a format. The output
// for 100,000 may have at most a multiple of that for 20,000.
func renderRow(format string, most float64) row {
	w := &world{0, newest}
	r := row{name: "render-" + format, title: "plan that creates 100,000 sandboxes, as " + format}
	for _, n := range []int{20_000, 100_000} {
		r.runs = append(r.runs, contender{
			name: strconv.Itoa(n), program: newFleet, args: []string{"plan", "-o", format}, world: w, spec: fmt.Sprintf(worker, n),
		})
	}
	for _, m := range []metric{wall, cpu, memory} {
		r.targets = append(r.targets, target{"100000", m, "20000", 5.5, false})
	}
	r.targets = append(r.targets, target{"100000", output, "20000", most, false})
	return r
}
