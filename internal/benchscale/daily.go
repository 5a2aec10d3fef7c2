package main

import "strings"

// noOp and wholeList are what the day-to-day commands are compared with.
const (
	noOp      = "plan"
	wholeList = "status --all -o json"
)

// dailyRow compares what users run every day on a fleet of 500 sandboxes with the plan
// without changes. What concerns the whole organisation is compared with its list.
func dailyRow() row {
	w := &world{500, newest}
	r := row{
		name: "daily", title: "day-to-day commands on 500 sandboxes, compared with the plan without changes",
		fastest: true, runs: []contender{{name: noOp, program: newFleet, args: noChanges, world: w}},
	}
	for _, c := range []struct {
		args  []string
		to    string
		codes []int
	}{
		{[]string{"status"}, noOp, nil},
		{[]string{"status", "-o", "wide"}, noOp, nil},
		{[]string{"status", "-o", "json"}, noOp, nil},
		{[]string{"status", "-l", "fleet-name=bench"}, noOp, nil},
		{[]string{"status", "--target", "sandbox.worker[7]"}, noOp, nil},
		{[]string{"destroy", "--target", "sandbox.worker[7]"}, noOp, []int{5}}, // no approval: it ends after the plan
		{[]string{"drift"}, noOp, nil},
		{[]string{"__complete", "plan", "--target", "sandbox.worker["}, noOp, nil},
		{[]string{"status", "--all", "-o", "json"}, "", nil},
		{[]string{"status", "--all"}, wholeList, nil},
		{[]string{"gc"}, wholeList, nil},
	} {
		name := commandName(c.args)
		r.runs = append(r.runs, contender{name: name, program: newFleet, args: c.args, world: w, codes: c.codes})
		if c.to != "" {
			r.targets = append(r.targets, target{name, wall, c.to, 1.5, false})
		}
	}
	return r
}

// commandName returns the name of a contender that runs a command.
func commandName(args []string) string {
	if args[0] == "__complete" {
		return "completion"
	}
	return strings.Join(args, " ")
}
