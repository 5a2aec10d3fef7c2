package spec

import (
	"strings"
	"testing"
)

// TestNameDigest: the label of a name is recognised, for names that JSON escapes too, and
// usual names cost no memory.
func TestNameDigest(t *testing.T) {
	for _, name := range []string{"", "web-0", "<web>", "wéb", `we"b`, strings.Repeat("long-", 100)} {
		own, copied := map[string]string{NameDigestLabel: nameDigest(name)}, map[string]string{NameDigestLabel: nameDigest(name + "x")}
		if HasCopiedLabels(own, name) || !HasCopiedLabels(copied, name) || HasCopiedLabels(nil, name) {
			t.Errorf("the label of %q is not recognised", name)
		}
	}
	labels := map[string]string{NameDigestLabel: nameDigest("web-0")}
	if n := testing.AllocsPerRun(100, func() { HasCopiedLabels(labels, "web-0") }); n > 0 {
		t.Errorf("%v objects are allocated", n)
	}
}
