// Command benchscale compares this checkout with an older build of fleet, and both with
// the least that Go programs can do: they plan, create and delete many sandboxes of the
// same emulator, each in turn. It prints the medians, their ratios and the targets.
// The server runs on the first core and its clients on the second one, where taskset
// exists. Run make bench-scale, make bench-scale ROWS=plan-20000 RUNS=1, or make bench-daily,
// which compares day-to-day commands with the plan without changes.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
)

// baseline is the commit that the checkout is compared with.
const baseline = "b2356d7"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	runs := flag.Int("runs", 5, "number of runs of each program")
	only := flag.String("rows", "", "rows to measure, separated by commas; all if empty")
	old := flag.String("baseline", baseline, "commit of the older build")
	flag.Usage = usage
	flag.Parse()
	var err error
	if flag.NArg() > 0 {
		err = runHelper(ctx, flag.Args())
	} else {
		err = measure(ctx, *old, *runs, strings.FieldsFunc(*only, func(r rune) bool { return r == ',' || r == ' ' }))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "benchscale:", err)
		os.Exit(1)
	}
}

func usage() {
	fmt.Fprintln(flag.CommandLine.Output(), "Usage: benchscale [flags]")
	flag.PrintDefaults()
	fmt.Fprintln(flag.CommandLine.Output(), "Rows:")
	for _, r := range rows {
		fmt.Fprintf(flag.CommandLine.Output(), "  %-14s %s\n", r.name, r.title)
	}
}

// measure builds the programs, and measures and prints the rows with these names.
func measure(ctx context.Context, old string, runs int, names []string) error {
	for _, name := range names {
		if !slices.ContainsFunc(rows, func(r row) bool { return r.name == name }) {
			return fmt.Errorf("no row %q; run benchscale -help for the list", name)
		}
	}
	if runs < 1 {
		return fmt.Errorf("-runs %d: must be at least 1", runs)
	}
	selected := slices.DeleteFunc(slices.Clone(rows), func(r row) bool { return len(names) > 0 && !slices.Contains(names, r.name) })
	if !slices.ContainsFunc(selected, row.usesBaseline) {
		old = ""
	}
	b, err := newBench(ctx, old, runs)
	if err != nil {
		return err
	}
	defer b.close()
	for _, r := range selected {
		if err := b.measureRow(ctx, r); err != nil {
			return fmt.Errorf("%s: %w", r.name, err)
		}
	}
	return nil
}

// runHelper does a part of the work in a process of its own: a floor, or writing a state
// file, whose memory would otherwise count as that of the programs to be started.
func runHelper(ctx context.Context, args []string) error {
	switch args[0] {
	case "list":
		return listByCursor(ctx)
	case "shards":
		return listShards(ctx)
	case "create":
		return create(ctx, args[1:])
	case "state":
		return writeState(args[1:])
	default:
		return fmt.Errorf("unknown helper %q", args[0])
	}
}
