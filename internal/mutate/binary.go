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
	"time"
)

// randomExamples is the number of examples of random tests, the same in each run.
const randomExamples = "20"

// errNotCompiled reports a mutant that does not compile.
var errNotCompiled = errors.New("it does not compile")

// testBinary is the test binary of a bound's package, built with a changed file.
type testBinary struct {
	bound
	dir string
}

// build builds the tests with the text of the bound's file. extra is another file for
// the package, or nil.
func (b *testBinary) build(ctx context.Context, text, extra []byte) (err error) {
	if b.dir, err = os.MkdirTemp("", "mutate"); err != nil {
		return err
	}
	source, err := filepath.Abs(filepath.FromSlash(b.file))
	if err != nil {
		return err
	}
	replace := map[string]string{source: filepath.Join(b.dir, "mutated.go")}
	files := map[string][]byte{"mutated.go": text}
	if extra != nil {
		replace[filepath.Join(filepath.Dir(source), "mutate_switch.go")] = filepath.Join(b.dir, "switch.go")
		files["switch.go"] = extra
	}
	if files["overlay.json"], err = json.Marshal(map[string]any{"Replace": replace}); err != nil {
		return err
	}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(b.dir, name), data, 0o600); err != nil {
			return err
		}
	}
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w",
		"-overlay", filepath.Join(b.dir, "overlay.json"), "-o", filepath.Join(b.dir, "tests"), "./"+path.Dir(b.file))
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", b.file, errNotCompiled, out)
	}
	return nil
}

// run runs the tests with a mistake, or with none.
func (b *testBinary) run(ctx context.Context, limit time.Duration, mistake string) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	tests := exec.CommandContext(ctx, filepath.Join(b.dir, "tests"), "-test.failfast", "-test.run", b.tests)
	tests.Dir = filepath.FromSlash(path.Dir(b.file))
	tests.Env = append(os.Environ(), switchVariable+"="+mistake,
		"RAPID_CHECKS="+randomExamples, "RAPID_SEED=1", "RAPID_SHRINKTIME=0s", "RAPID_NOFAILFILE=true")
	tests.WaitDelay = time.Second
	if out, err := tests.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, out)
	}
	return nil
}

func (b *testBinary) remove() { _ = os.RemoveAll(b.dir) }
