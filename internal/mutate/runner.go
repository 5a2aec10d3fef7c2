package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"slices"
	"sync"
	"time"
)

// timeoutMargin is added to three times the duration of the tests without a mistake,
// to get their timeout.
const timeoutMargin = 20 * time.Second

// runner runs the tests with mutants, several at once.
type runner struct {
	workers int
	out     io.Writer // for mutants that no test finds

	mu                        sync.Mutex
	tried, survivors, invalid int
}

// tryMutants tries mutants, file by file, and returns the number of mutants that no
// test detects.
func tryMutants(ctx context.Context, todo []mutant, workers int) (survivors int, err error) {
	t := &runner{workers: workers, out: os.Stdout}
	for len(todo) > 0 && ctx.Err() == nil {
		n := slices.IndexFunc(todo, func(m mutant) bool { return m.file != todo[0].file })
		if n < 0 {
			n = len(todo)
		}
		if err := t.tryFile(ctx, todo[:n]); err != nil {
			return t.survivors, err
		}
		todo = todo[n:]
	}
	fmt.Fprintf(os.Stderr, "%d mistakes tried, %d not detected by any test; %d more do not compile\n", t.tried, t.survivors, t.invalid)
	return t.survivors, ctx.Err()
}

// tryFile tries the mutants of one file.
func (t *runner) tryFile(ctx context.Context, mutants []mutant) error {
	var switchable, single []mutant
	for _, m := range mutants {
		if m.kind == standaloneKind {
			single = append(single, m)
		} else {
			switchable = append(switchable, m)
		}
	}
	bin := &testBinary{bound: mutants[0].bound}
	defer bin.remove()
	if len(switchable) > 0 {
		file, extra := switchedSource(switchable)
		if err := bin.build(ctx, file, extra); err != nil {
			return err
		}
	} else if err := bin.build(ctx, mutants[0].source, nil); err != nil {
		return err
	}
	start := time.Now()
	if err := bin.run(ctx, time.Hour, ""); err != nil {
		return fmt.Errorf("the tests of %s fail without a mistake: %w", path.Dir(bin.file), err)
	}
	limit := 3*time.Since(start) + timeoutMargin
	fmt.Fprintf(os.Stderr, "%s: %d mistakes\n", bin.file, len(mutants))
	t.forEach(len(switchable), func(i int) { t.record(ctx, switchable[i], bin.run(ctx, limit, fmt.Sprint(i))) })
	t.forEach(len(single), func(i int) { t.record(ctx, single[i], single[i].test(ctx, limit)) })
	return nil
}

// test builds and runs the tests with a mutant. It returns nil if they pass.
func (m mutant) test(ctx context.Context, limit time.Duration) error {
	bin := &testBinary{bound: m.bound}
	defer bin.remove()
	if err := bin.build(ctx, m.mutated(), nil); err != nil {
		return err
	}
	return bin.run(ctx, limit, "")
}

// forEach calls f for the numbers below n, several at once.
func (t *runner) forEach(n int, f func(i int)) {
	work := make(chan int)
	var group sync.WaitGroup
	for range t.workers {
		group.Go(func() {
			for i := range work {
				f(i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	group.Wait()
}

// record counts a mutant by the result of its tests.
func (t *runner) record(ctx context.Context, m mutant, found error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case ctx.Err() != nil:
	case errors.Is(found, errNotCompiled):
		t.invalid++
	default:
		t.tried++
		if found == nil {
			t.survivors++
			fmt.Fprintf(t.out, "%s:%d\n%s\n\n", m.file, m.line, m)
		}
	}
}
