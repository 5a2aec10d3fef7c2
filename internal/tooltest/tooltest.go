// Package tooltest gives tests the programs that they run. A test is skipped without its
// program, except where FLEET_NEEDS lists the program: that test fails. FLEET_NEEDS is an
// environment variable with names of programs, separated by spaces, and CI sets it.
package tooltest

import (
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// Needs is the name of the environment variable that lists the programs that must work.
const Needs = "FLEET_NEEDS"

// Needed reports whether a program must work.
func Needed(program string) bool {
	return slices.Contains(strings.Fields(os.Getenv(Needs)), program)
}

// Path returns the path of a program in the PATH. The test is skipped if there is none, or
// fails if the program is needed.
func Path(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err != nil {
		Missing(t, program, err.Error())
	}
	return path
}

// Missing skips a test because a program is absent or does not work, or fails it if the
// program is needed.
func Missing(t testing.TB, program, reason string) {
	t.Helper()
	if Needed(program) {
		t.Fatalf("%s is needed (%s=%s): %s", program, Needs, os.Getenv(Needs), reason)
	}
	t.Skipf("%s is not usable: %s", program, reason)
}

// Installed reports whether a program is in the PATH, for conditions of scripts. A needed
// program that is not there is an error.
func Installed(program string) (bool, error) {
	_, err := exec.LookPath(program)
	if err != nil && Needed(program) {
		return false, fmt.Errorf("it is needed (%s=%s): %w", Needs, os.Getenv(Needs), err)
	}
	return err == nil, nil
}
