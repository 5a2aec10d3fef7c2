package controller

import (
	"fmt"
	"strings"
	"testing"
)

// TestPack: the memory of the largest fleets has room in a ConfigMap, next to a plan.
func TestPack(t *testing.T) {
	var b strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&b, `{"address":"sandbox.web[%d]","action":"created","times":["2026-11-29T23:13:30.%09dZ"],"spec":"%04x"},`, i, i*7919%1_000_000_000, i*31)
	}
	packed := pack(b.String())
	if len(packed)+maxPlan > 1<<20 {
		t.Errorf("%d bytes", len(packed))
	}
	if text, err := unpack(packed); err != nil || text != b.String() {
		t.Errorf("unpacked %d bytes: %v", len(text), err)
	}
	if text, err := unpack(nil); err != nil || text != "" {
		t.Errorf("unpacked %q: %v", text, err)
	}
	if _, err := unpack([]byte("no")); err == nil {
		t.Error("damaged data were unpacked")
	}
}
