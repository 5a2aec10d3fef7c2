package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// A bench holds what all rows share: the programs and where they run.
type bench struct {
	dir      string             // for everything that is written, removed at the end
	programs map[program]string // their paths
	runs     int
	pin      func(core int) []string // prefix of a command that keeps it on a core
}

// A program is one of those that are compared.
type program string

const (
	oldFleet program = "old"   // the older build
	newFleet program = "new"   // this checkout
	floor    program = "floor" // this program, doing the least that is needed
)

// newBench builds fleet in a new directory, and that of the commit old unless it is "".
// The caller must close the result.
func newBench(ctx context.Context, old string, runs int) (*bench, error) {
	dir, err := os.MkdirTemp("", "benchscale-")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, runs: runs, pin: pinning()}
	self, err := os.Executable()
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	b.programs = map[program]string{floor: self, oldFleet: filepath.Join(dir, "fleet-old"), newFleet: filepath.Join(dir, "fleet-new")}
	err = build(ctx, ".", b.programs[newFleet])
	if err == nil && old != "" {
		err = b.buildCommit(ctx, old)
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return b, nil
}

func (b *bench) close() { _ = os.RemoveAll(b.dir) }

// buildCommit builds the fleet of a commit.
func (b *bench) buildCommit(ctx context.Context, commit string) error {
	source := filepath.Join(b.dir, "source")
	if err := os.Mkdir(source, 0o700); err != nil {
		return err
	}
	archive := filepath.Join(b.dir, "source.tar")
	for _, args := range [][]string{{"git", "archive", "-o", archive, commit}, {"tar", "-xf", archive, "-C", source}} {
		if out, err := exec.CommandContext(ctx, args[0], args[1:]...).CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s: %w: %s", args[0], args[1], err, out)
		}
	}
	return build(ctx, source, b.programs[oldFleet])
}

// build builds the fleet of a directory.
func build(ctx context.Context, source, target string) error {
	fmt.Fprintf(os.Stderr, "building %s\n", filepath.Base(target))
	cmd := exec.CommandContext(ctx, "go", "build", "-trimpath", "-o", target, ".")
	cmd.Dir = source
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building fleet: %w: %s", err, out)
	}
	return nil
}

// pinning returns how to keep a command on a core. Commands run anywhere if that is not
// possible.
func pinning() func(core int) []string {
	taskset, err := exec.LookPath("taskset")
	if err != nil || runtime.NumCPU() < 2 {
		fmt.Fprintln(os.Stderr, "the server and its clients share all cores: taskset, or a second core, is missing")
		return func(int) []string { return nil }
	}
	return func(core int) []string { return []string{taskset, "-c", fmt.Sprint(core)} }
}

// The cores of the server and of the programs that are measured.
const (
	serverCore = 0
	clientCore = 1
)
