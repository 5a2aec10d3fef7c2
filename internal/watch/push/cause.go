package push

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/client"
)

// A Cause is why a pass is due.
type Cause struct {
	Kind   string // "push"
	Detail string // such as "sandbox.state.updated of 3 sandboxes"; without names and ids
}

// String returns kind and detail.
func (c Cause) String() string { return c.Kind + ": " + c.Detail }

// causeOf returns the cause of a pass that reads these objects again, and lists
// everything if resync is true.
func causeOf(byID map[string]*mark, resync bool) Cause {
	counts := map[client.EventKind]int{}
	for _, m := range byID {
		counts[m.kind]++
	}
	var parts []string
	if resync {
		parts = append(parts, "list after a new connection")
	}
	for _, kind := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, describe(kind, counts[kind]))
	}
	return Cause{Kind: "push", Detail: strings.Join(parts, ", ")}
}

// describe returns how many objects had events of a kind.
func describe(kind client.EventKind, count int) string {
	noun, _, _ := strings.Cut(string(kind), ".")
	if kind == "" {
		noun = "object"
	}
	switch {
	case count == 1:
	case noun == "sandbox":
		noun = "sandboxes"
	default:
		noun += "s"
	}
	if kind == "" {
		return fmt.Sprintf("%d %s of a pass that failed", count, noun)
	}
	return fmt.Sprintf("%s of %d %s", kind, count, noun)
}
