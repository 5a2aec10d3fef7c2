package buildcontext

import (
	"math"
	"strings"
	"testing"
)

func TestFormatBytes(t *testing.T) {
	for n, want := range map[int64]string{
		0: "0 B", 999: "999 B", 1000: "1.0 kB", 1049: "1.0 kB", 1051: "1.1 kB", 999_949: "999.9 kB", 999_950: "1.0 MB",
		1_500_000_000: "1.5 GB", math.MaxInt64: "9.2 EB",
	} {
		if got := FormatBytes(n); got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestLimitText(t *testing.T) {
	e := &LimitError{Path: "ctx", Limit: 2 << 30, Largest: []Usage{{"node_modules", 1200, 3_100_000_000}, {"a\x1b", 1, 5}}}
	for _, part := range []string{"ctx is above the limit of 2 GiB", "node_modules (1200 files, 3.1 GB)", `a\x1b (1 file, 5 B)`} {
		if !strings.Contains(e.Error(), part) {
			t.Errorf("got %q, want it to have %q", e, part)
		}
	}
}
