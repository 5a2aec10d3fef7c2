package push

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"fleet/client"
	"fleet/internal/watch"
)

// causeOf returns the cause of a pass that reads these objects again, and lists
// everything if resync is true, such as "platform event: sandbox.state.updated of 3
// sandboxes". It has no names and ids.
func causeOf(byID map[string]*mark, resync bool) watch.Cause {
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
	return watch.Cause{Kind: watch.Push, Detail: strings.Join(parts, ", ")}
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
