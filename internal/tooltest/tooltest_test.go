package tooltest

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// A recorder notes how a test ends.
type recorder struct {
	testing.TB
	end string
}

func (r *recorder) Helper() {}

func (r *recorder) Skipf(format string, args ...any) {
	r.end = "skipped: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.end = "failed: " + fmt.Sprintf(format, args...)
	runtime.Goexit()
}

func TestNeeds(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("PATH", dir)
	if err := os.WriteFile(filepath.Join(dir, "present"), nil, 0o700); err != nil {
		t.Fatal(err)
	}
	const absence = `exec: "absent": executable file not found in $PATH`
	for _, tt := range []struct{ needs, program, end string }{
		{"", "present", filepath.Join(dir, "present")},
		{"present", "present", filepath.Join(dir, "present")},
		{"", "absent", "skipped: absent is not usable: " + absence},
		{"present absentee", "absent", "skipped: absent is not usable: " + absence},
		{" present  absent\n", "absent", "failed: absent is needed (FLEET_NEEDS= present  absent\n): " + absence},
	} {
		t.Setenv(Needs, tt.needs)
		r := &recorder{TB: t}
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			r.end = Path(r, tt.program)
		}()
		<-ended
		if r.end != tt.end {
			t.Errorf("%s with %s=%q: %s, want %s", tt.program, Needs, tt.needs, r.end, tt.end)
		}
		installed, err := Installed(tt.program)
		if installed != (tt.program == "present") || (err != nil) != (tt.end[:2] == "fa") {
			t.Errorf("%s with %s=%q: installed %v, %v", tt.program, Needs, tt.needs, installed, err)
		}
	}
}
