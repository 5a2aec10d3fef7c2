// Command mutate shows whether the tests hold the safety bounds that
// CONTRIBUTING.md lists: it makes one small mistake in a bound after the other,
// and runs the tests of the package with it. A mistake that no test finds is
// printed, and the exit status is 1. Run make mutate.
//
// The known tools do not make the mistakes that matter here, such as Up for Down
// in a share of a rollout, or a condition that is left out; they also keep
// exceptions by line, which move with every change. Here, a mistake that
// changes nothing is listed in equivalent.txt, by its function and text.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	workers := flag.Int("p", runtime.GOMAXPROCS(0), "how many mistakes to try at once")
	list := flag.Bool("list", false, "print the mistakes without trying them")
	flag.Parse()
	survivors, err := run(ctx, flag.Args(), *workers, *list)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutate:", err)
		os.Exit(2)
	}
	if survivors > 0 {
		os.Exit(1)
	}
}

// run tries the mutants of the bounds whose file begins with one of the
// prefixes, or of all, and returns how many were not found.
func run(ctx context.Context, prefixes []string, workers int, list bool) (survivors int, err error) {
	bounds, err := readBounds("CONTRIBUTING.md")
	if err != nil {
		return 0, err
	}
	known, err := readEquivalents("internal/mutate/equivalent.txt")
	if err != nil {
		return 0, err
	}
	var todo []mutant
	for _, b := range bounds {
		if !isSelected(b.file, prefixes) {
			continue
		}
		mutants, err := readMutants(b)
		if err != nil {
			return 0, err
		}
		for _, m := range mutants {
			if list {
				fmt.Println(m)
				continue
			}
			if !known[m.String()] {
				todo = append(todo, m)
			}
		}
	}
	if list {
		return 0, nil
	}
	return tryMutants(ctx, todo, workers)
}

func isSelected(file string, prefixes []string) bool {
	for _, p := range prefixes {
		if strings.HasPrefix(file, p) {
			return true
		}
	}
	return len(prefixes) == 0
}
