package emulator

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// TestListsFollowChanges checks after random changes that lists show what single
// responses show, and that the lists by the first digit of ids make up the list.
func TestListsFollowChanges(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		g := newRig(t, Options{})
		list := rapid.SampledFrom([]string{"/sandbox", "/sandbox/paginated"}).Draw(rt, "list")
		var ids []string
		for i := range rapid.IntRange(1, 6).Draw(rt, "changes") {
			change := rapid.IntRange(0, 4).Draw(rt, "change")
			if i == 0 || change == 0 {
				ids = append(ids, g.sandbox(obj("name", fmt.Sprint("box-", i))))
				continue
			}
			id := rapid.SampledFrom(ids).Draw(rt, "id")
			switch change { // a deleted sandbox refuses
			case 1:
				g.api("PUT", "/sandbox/"+id+"/labels", obj("labels", obj("change", fmt.Sprint(i))))
			case 2:
				g.api("POST", "/sandbox/"+id+fmt.Sprintf("/autostop/%d", i), nil)
			case 3:
				g.do("POST", "/_emulator/sandboxes/"+id, obj("state", "error", "errorReason", fmt.Sprint(i)))
			default:
				g.api("DELETE", "/sandbox/"+id, nil)
			}
			g.checkList(rt, list)
			if list == "/sandbox" {
				g.checkShards(rt)
			}
		}
	})
}

// checkShards compares the list with those by the first digit of the id.
func (g *rig) checkShards(rt *rapid.T) {
	var sharded []string
	for _, digit := range "0123456789abcdef" {
		sharded = append(sharded, g.everything("sort=createdAt&id="+string(digit))...)
	}
	listed := g.everything("sort=createdAt")
	slices.Sort(sharded)
	slices.Sort(listed)
	if !slices.Equal(sharded, listed) {
		rt.Errorf("by digits %v, together %v", sharded, listed)
	}
}

// checkList compares the items of a list with single responses.
func (g *rig) checkList(rt *rapid.T, list string) {
	items, _ := g.must("GET", list, nil).field("items").([]any)
	for _, item := range items {
		one := g.api("GET", "/sandbox/"+item.(map[string]any)["id"].(string), nil)
		for key, value := range item.(map[string]any) {
			if want := fmt.Sprint(one.field(key)); one.status == 200 && fmt.Sprint(value) != want && !strings.HasSuffix(key, "tate") {
				rt.Errorf("%s shows %s %v, the sandbox has %s", list, key, value, want)
			}
		}
	}
}

// TestUntoldLimits checks that limits hold although nothing reports them.
func TestUntoldLimits(t *testing.T) {
	g := newRig(t, Options{Faults: []string{"rate-limit sandbox-create=1/2s", "untold-limits"}})
	if a := g.must("GET", "/config", nil); a.field("rateLimit") != nil {
		t.Errorf("the configuration has %v", a.field("rateLimit"))
	}
	a := g.must("POST", "/sandbox", nil)
	for name := range a.header {
		if strings.Contains(strings.ToLower(name), "ratelimit") {
			t.Errorf("the response has %s", name)
		}
	}
	if a := g.expect("POST", "/sandbox", nil, 429, ""); a.header.Get("Retry-After-sandbox-create") != "2" {
		t.Errorf("headers %v", a.header)
	}
}
