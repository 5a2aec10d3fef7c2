// Command mutate checks whether the tests cover the safety bounds that CONTRIBUTING.md
// lists. It changes a bound, one small mistake at a time, and runs the tests of the
// package with it. It prints the mistakes that no test detects, and exits with 1 if
// there are any. Run make mutate.
//
// Existing tools do not make the mistakes that matter here, such as rounding a
// percentage up instead of down, or omitting a condition. They also list exceptions by
// line, and lines move with every change. Here, a mistake without effect is listed in
// equivalent.txt, by its function and text.
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
	workers := flag.Int("p", runtime.GOMAXPROCS(0), "number of mistakes to try at once")
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

// run tries the mutants of the bounds whose file begins with one of the prefixes, or
// of all, and returns the number of mutants that no test detects.
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
