package kubetest

import (
	"testing"
	"time"
)

// Eventually calls f until it returns nil. It fails the test with the last error of f after
// the limit, which only ends tests that hang.
func Eventually(t testing.TB, limit time.Duration, f func() error) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	end := time.After(limit)
	for {
		err := f()
		if err == nil {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("after %s: %v", limit, err)
		}
	}
}
