//go:build !race

package emulator

import (
	"fmt"
	"runtime"
	"testing"
)

// TestMemory checks that a large fleet fits into the memory of a small machine.
func TestMemory(t *testing.T) {
	const sandboxes, limit = 20_000, 200 << 20
	g := newRig(t, Options{})
	g.srv.log = newRequestLog(false)
	before := heapInUse()
	for i := range sandboxes {
		g.sandbox(obj(
			"name", fmt.Sprintf("worker-%05d", i), "labels", obj("app", "shop", "index", fmt.Sprint(i)),
			"env", obj("MODE", "production", "SHARD", fmt.Sprint(i)),
		))
	}
	used := heapInUse() - before
	runtime.KeepAlive(g.srv)
	t.Logf("%d sandboxes take %.1f MB, %d bytes each", sandboxes, float64(used)/(1<<20), used/sandboxes)
	if used > limit {
		t.Errorf("more than %d MB", limit>>20)
	}
}

// heapInUse returns the heap in use after a garbage collection.
func heapInUse() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
