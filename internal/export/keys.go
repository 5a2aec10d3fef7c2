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

// keyOf is the key for an object: its name, where that can be one and is its
// own, else the like of it. taken holds names and keys that mean something else.
func keyOf(name, otherwise string, taken map[string]bool) string {
	if keyForm.MatchString(name) {
		return name // it is among those taken, as its own
	}
	return unique(likeness(name, otherwise), taken)
}

// likeness is the form of a key that is nearest to a name, or otherwise.
func likeness(name, otherwise string) string {
	key := strings.Trim(notInKeys.ReplaceAllString(name, "-"), "-._")
	if key == "" {
		return otherwise
	}
	return key[:min(len(key), longestKey)]
}

// longestKey leaves room for a number at the end.
const longestKey = 50

var notInKeys = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// unique is the key, or the first of key-2, key-3 and so on that is free, and
// takes it.
func unique(key string, taken map[string]bool) string {
	free := key
	for n := 2; taken[free]; n++ {
		free = fmt.Sprintf("%s-%d", key, n)
	}
	taken[free] = true
	return free
}

// named gives keys to sandboxes that no fleet owns. Those called name-0, name-1
// and so on that are alike become a count.
func named(sandboxes []*spec.Resource, taken map[string]bool) []*spec.Resource {
	counts := runs(sandboxes)
	of := map[*spec.Resource]string{}
	for base, copies := range counts {
		for _, r := range copies {
			of[r] = base
		}
	}
	for _, exact := range []bool{true, false} { // a name that can be a key is the key
		for _, r := range sandboxes {
			if key := likeness(r.Name(), "sandbox"); of[r] == "" && (key == r.Name()) == exact {
				r.Key = unique(key, taken)
			}
		}
	}
	for _, base := range slices.Sorted(maps.Keys(counts)) {
		key := unique(likeness(base, "sandbox"), taken)
		for i, r := range counts[base] {
			r.Key, r.Size = fmt.Sprintf("%s[%d]", key, i), len(counts[base])
		}
	}
	return sandboxes
}

// runs finds the sandboxes that are what a count makes: by the name that they
// have in common.
func runs(sandboxes []*spec.Resource) map[string][]*spec.Resource {
	byNumber := map[string]map[int]*spec.Resource{}
	for _, r := range sandboxes {
		if base, i, ok := numbered(r.Name()); ok {
			if byNumber[base] == nil {
				byNumber[base] = map[int]*spec.Resource{}
			}
			byNumber[base][i] = r
		}
	}
	found := map[string][]*spec.Resource{}
	for base, copies := range byNumber {
		var run []*spec.Resource
		for i := 0; copies[i] != nil && copies[i].Alike(copies[0]); i++ {
			run = append(run, copies[i])
		}
		if len(run) == len(copies) && len(run) > 1 {
			found[base] = run
		}
	}
	return found
}

// numbered splits a name such as worker-3.
func numbered(name string) (base string, number int, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i < 1 {
		return "", 0, false
	}
	n, err := strconv.Atoi(name[i+1:])
	return name[:i], n, err == nil && n >= 0 && strconv.Itoa(n) == name[i+1:]
}
