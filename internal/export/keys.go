package export

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"fleet/spec"
)

// keyFor returns the key for an object: its name if that is a valid key, or else one
// derived from it that is not taken. taken holds names and keys in use.
func keyFor(name, fallback string, taken map[string]bool) string {
	if keyPattern.MatchString(name) {
		return name // taken by the object itself
	}
	return uniqueKey(sanitizeKey(name, fallback), taken)
}

// sanitizeKey turns a name into a valid key. It returns fallback if nothing is left.
func sanitizeKey(name, fallback string) string {
	key := strings.Trim(invalidKeyChars.ReplaceAllString(name, "-"), "-._")
	if key == "" {
		return fallback
	}
	return key[:min(len(key), maxKeyLength)]
}

// maxKeyLength leaves room for a number at the end.
const maxKeyLength = 50

var invalidKeyChars = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// uniqueKey returns the first of key, key-2, key-3 and so on that is not taken, and marks
// it as taken.
func uniqueKey(key string, taken map[string]bool) string {
	free := key
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	taken[free] = true
	return free
}

// assignKeys gives keys to sandboxes that no fleet owns. Sandboxes named name-0, name-1
// and so on that are otherwise equal become a count.
func assignKeys(sandboxes []*spec.Resource, taken map[string]bool) []*spec.Resource {
	counts := findCounts(sandboxes)
	of := map[*spec.Resource]string{}
	for base, copies := range counts {
		for _, r := range copies {
			of[r] = base
		}
	}
	for _, exact := range []bool{true, false} { // names that are valid keys come first
		for _, r := range sandboxes {
			if key := sanitizeKey(r.Name(), "sandbox"); of[r] == "" && (key == r.Name()) == exact {
				r.Key = uniqueKey(key, taken)
			}
		}
	}
	for _, base := range slices.Sorted(maps.Keys(counts)) {
		key := uniqueKey(sanitizeKey(base, "sandbox"), taken)
		for i, r := range counts[base] {
			r.Key, r.GroupSize = fmt.Sprintf("%s[%d]", key, i), len(counts[base])
		}
	}
	return sandboxes
}

// findCounts returns the groups of sandboxes that a count would create, by their common
// name.
func findCounts(sandboxes []*spec.Resource) map[string][]*spec.Resource {
	byNumber := map[string]map[int]*spec.Resource{}
	for _, r := range sandboxes {
		if base, i, ok := splitNumber(r.Name()); ok {
			if byNumber[base] == nil {
				byNumber[base] = map[int]*spec.Resource{}
			}
			byNumber[base][i] = r
		}
	}
	found := map[string][]*spec.Resource{}
	for base, copies := range byNumber {
		var run []*spec.Resource
		for i := 0; copies[i] != nil && copies[i].EqualExceptName(copies[0]); i++ {
			run = append(run, copies[i])
		}
		if len(run) == len(copies) && len(run) > 1 {
			found[base] = run
		}
	}
	return found
}

// splitNumber splits a name such as worker-3. ok is false for other names.
func splitNumber(name string) (base string, number int, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i < 1 {
		return "", 0, false
	}
	n, err := strconv.Atoi(name[i+1:])
	return name[:i], n, err == nil && n >= 0 && strconv.Itoa(n) == name[i+1:]
}
