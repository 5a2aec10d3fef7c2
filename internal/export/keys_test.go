package export

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"fleet/spec"
)

func sandboxes(names ...string) []*spec.Resource {
	var list []*spec.Resource
	for _, name := range names {
		r := &spec.Resource{Address: spec.Address{Kind: spec.SandboxKind}}
		if err := errors.Join(r.Set("name", strings.TrimSuffix(name, "!")), r.Set("public", strings.HasSuffix(name, "!"))); err != nil {
			panic(err)
		}
		list = append(list, r)
	}
	return list
}

// TestNamed shows the keys of sandboxes that no fleet owns; an exclamation mark
// makes one different from the others.
func TestNamed(t *testing.T) {
	for _, c := range []struct{ names, keys []string }{
		{[]string{"web", "db"}, []string{"web", "db"}},
		{[]string{"job-1", "job-0", "job-2"}, []string{"job[1]", "job[0]", "job[2]"}},
		{[]string{"job-0"}, []string{"job-0"}},
		{[]string{"job-1", "job-2"}, []string{"job-1", "job-2"}},
		{[]string{"job-0", "job-1!"}, []string{"job-0", "job-1"}},
		{[]string{"job-0", "job-1", "job-01"}, []string{"job[0]", "job[1]", "job-01"}},
		{[]string{"job-0", "job-1", "job-9999999999999"}, []string{"job-0", "job-1", "job-9999999999999"}},
		{[]string{"job-0", "job-1", "job"}, []string{"job-2[0]", "job-2[1]", "job"}},
		{[]string{"-0", "a/b", "a b", "..", "taken"}, []string{"0", "a-b", "a-b-2", "sandbox", "taken-2"}},
		{[]string{strings.Repeat("x", 200)}, []string{strings.Repeat("x", 50)}},
	} {
		var keys []string
		for _, r := range assignKeys(sandboxes(c.names...), map[string]bool{"taken": true}) {
			keys = append(keys, r.Key)
		}
		if d := cmp.Diff(c.keys, keys); d != "" {
			t.Errorf("%q (-want +got):\n%s", c.names, d)
		}
	}
}

func TestKeyOf(t *testing.T) {
	taken := map[string]bool{"a": true, "a-b": true, "a/b": true}
	for _, c := range [][2]string{{"a", "a"}, {"a-b", "a-b"}, {"a/b", "a-b-2"}, {"***", "volume"}} {
		if got := keyFor(c[0], "volume", taken); got != c[1] {
			t.Errorf("%s has the key %s, want %s", c[0], got, c[1])
		}
	}
}
