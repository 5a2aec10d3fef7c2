package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"sync"
	"time"
)

// Random tests take this many examples, as many as find a mistake in a bound.
const examples = "20"

// grace is how long tests may take, besides three times what they take without a
// mistake.
const grace = 20 * time.Second

// try runs the tests with each of the mutants, some at once. It prints those
// that no test finds, and returns their number.
func try(ctx context.Context, todo []mutant, workers int) (survivors int, err error) {
	limits, err := measure(ctx, todo)
	if err != nil {
		return 0, err
	}
	var (
		work           = make(chan mutant)
		lock           sync.Mutex
		group          sync.WaitGroup
		tried, invalid int
	)
	for range workers {
		group.Go(func() {
			for m := range work {
				found := test(ctx, m, limits[m.suite()])
				lock.Lock()
				switch {
				case ctx.Err() != nil:
				case errors.Is(found, errInvalid):
					invalid++
				case found == nil:
					survivors++
					fmt.Printf("%s:%d\n%s\n\n", m.file, m.line, m)
					tried++
				default:
					tried++
				}
				fmt.Fprintf(os.Stderr, "\r%d of %d", tried+invalid, len(todo))
				lock.Unlock()
			}
		})
	}
	for _, m := range todo {
		if ctx.Err() != nil {
			break
		}
		work <- m
	}
	close(work)
	group.Wait()
	fmt.Fprintf(os.Stderr, "\n%d mistakes tried, %d not found by any test; %d more do not compile\n", tried, survivors, invalid)
	return survivors, ctx.Err()
}

// suite is the tests that are run with a mutant.
func (m mutant) suite() string { return path.Dir(m.file) + " " + m.tests }

// measure runs the tests without a mistake, and returns how long each suite may
// take with one.
func measure(ctx context.Context, todo []mutant) (map[string]time.Duration, error) {
	limits := map[string]time.Duration{}
	for _, m := range todo {
		if limits[m.suite()] > 0 {
			continue
		}
		start := time.Now()
		m.to = m.from
		if err := test(ctx, m, time.Hour); err != nil {
			return nil, fmt.Errorf("the tests of %s fail without a mistake: %w", m.suite(), err)
		}
		limits[m.suite()] = 3*time.Since(start) + grace
	}
	return limits, nil
}

// errInvalid is of a mutant that does not compile.
var errInvalid = errors.New("it does not compile")

// test runs the tests of a mutant's package with it; nil if they pass.
func test(ctx context.Context, m mutant, limit time.Duration) error {
	dir, err := os.MkdirTemp("", "mutate")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	overlay, err := m.overlay(dir)
	if err != nil {
		return err
	}
	pkg, binary := path.Dir(m.file), filepath.Join(dir, "tests")
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", binary, "./"+pkg)
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", errInvalid, out)
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tests := exec.CommandContext(ctx, binary, "-test.failfast", "-test.run", m.tests)
	tests.Dir = filepath.FromSlash(pkg)
	tests.Env = append(os.Environ(), "RAPID_CHECKS="+examples, "RAPID_SEED=1", "RAPID_SHRINKTIME=0s", "RAPID_NOFAILFILE=true")
	tests.WaitDelay = time.Second
	return tests.Run()
}

// overlay writes the mutant beside the source, and returns the file by which the
// compiler takes it instead.
func (m mutant) overlay(dir string) (string, error) {
	source, err := filepath.Abs(filepath.FromSlash(m.file))
	if err != nil {
		return "", err
	}
	mutated, name := filepath.Join(dir, "mutated.go"), filepath.Join(dir, "overlay.json")
	data, err := json.Marshal(map[string]map[string]string{"Replace": {source: mutated}})
	if err != nil {
		return "", err
	}
	return name, errors.Join(os.WriteFile(mutated, m.text(), 0o600), os.WriteFile(name, data, 0o600))
}
