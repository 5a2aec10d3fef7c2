package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// buildFlags are the flags with which the tests build fleet, those of the tests
// themselves.
var buildFlags = []string{"-buildvcs=false"}

// TestMain runs the tests with fleet in the PATH. It is the program itself, since a copy
// of the tests' binary takes twice as long to start, and the tests start it thousands of
// times.
func TestMain(m *testing.M) {
	signal.Reset() // package signals has caught them; they should end the tests as usual
	testscript.Main(withFleet{m}, map[string]func(){"peak": peak})
}

// withFleet builds fleet and runs tests with it in front of the PATH.
type withFleet struct{ *testing.M }

// Run returns the exit code.
func (m withFleet) Run() int {
	dir, err := os.MkdirTemp("", "fleet-program")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	args := append([]string{"build", "-o", filepath.Join(dir, "fleet")}, buildFlags...)
	if out, err := exec.Command("go", append(args, ".")...).CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building fleet: %v\n%s", err, out)
		return 1
	}
	if err := os.Setenv("PATH", dir+string(filepath.ListSeparator)+os.Getenv("PATH")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.M.Run()
}
