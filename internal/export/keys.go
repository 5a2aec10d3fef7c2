package export

import (
	"fmt"
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
	runs := map[string][]*spec.Resource{}
	for _, r := range sandboxes {
		if base, i, ok := numbered(r.Name()); ok {
			for len(runs[base]) <= i && i < len(sandboxes) {
				runs[base] = append(runs[base], nil)
			}
			if i < len(sandboxes) {
				runs[base][i] = r
			}
		}
	}
	for _, exact := range []bool{true, false} { // a name that can be a key is the key
		for _, r := range sandboxes {
			base, _, ok := numbered(r.Name())
			if key := likeness(r.Name(), "sandbox"); (!ok || !run(runs[base])) && (key == r.Name()) == exact {
				r.Key = unique(key, taken)
			}
		}
	}
	for _, r := range sandboxes { // in the order of the list, so that keys do not depend on chance
		base, _, ok := numbered(r.Name())
		if r.Key != "" || !ok {
			continue
		}
		key := unique(likeness(base, "sandbox"), taken)
		for i, copied := range runs[base] {
			copied.Key, copied.Size = fmt.Sprintf("%s[%d]", key, i), len(runs[base])
		}
	}
	return sandboxes
}

// run reports whether the sandboxes are what a count makes.
func run(copies []*spec.Resource) bool {
	return len(copies) > 1 && !slices.ContainsFunc(copies, func(r *spec.Resource) bool { return r == nil || !r.Alike(copies[0]) })
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
