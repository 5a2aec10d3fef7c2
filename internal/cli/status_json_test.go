package cli

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/exit"
	"fleet/internal/status"
)

// TestStatusJSON: the JSON of status has the region, the snapshot, the age and the last
// use of sandboxes, and counts by kind, group and state.
func TestStatusJSON(t *testing.T) {
	state := savedVersion1(t)
	file := filepath.Join(state, "fleet", "local.json")
	world, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	grouped := strings.NewReplacer(`"fleet-key":"same"`, `"fleet-key":"pool[0]"`, `"fleet-key":"old"`, `"fleet-key":"pool[1]"`, "2026-11-29T", "2020-01-02T").Replace(string(world))
	if err := os.WriteFile(file, []byte(grouped), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, format := range []string{"json", "json@1", "json@2"} {
		stdout, _ := requireRun(t, state, exit.OK, "status", "--local", "-o", format)
		requireStatusKeys(t, stdout)
	}
}

func requireStatusKeys(t *testing.T, text string) {
	t.Helper()
	var doc struct {
		Version int
		Fleet   string
		Objects []map[string]any
		Counts  []status.Count
	}
	if err := json.Unmarshal([]byte(text), &doc); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	objects, states := map[string]map[string]any{}, map[string]map[string]int{}
	count := func(of string, o map[string]any) {
		if states[of] == nil {
			states[of] = map[string]int{}
		}
		states[of][o["state"].(string)]++
	}
	for _, o := range doc.Objects {
		address := o["address"].(string)
		objects[address] = o
		count(o["kind"].(string), o)
		if group, _, copied := strings.Cut(address, "["); copied {
			count(group, o)
		}
	}
	counts := map[string]map[string]int{}
	for _, c := range doc.Counts {
		counts[c.Of] = c.States
		total := 0
		for _, n := range c.States {
			total += n
		}
		if c.Total != total {
			t.Errorf("the total of %s is %d, and its states have %d", c.Of, c.Total, total)
		}
	}
	if diff := cmp.Diff(states, counts); diff != "" || doc.Version != 1 || doc.Fleet != "demo" || len(states) != 3 {
		t.Errorf("version %d of fleet %s: counts (-of the objects +got):\n%s", doc.Version, doc.Fleet, diff)
	}
	web, box, volume := objects["sandbox.web"], objects["sandbox.box"], objects["volume.cache"]
	for key, want := range map[string]any{"region": "us", "snapshot": "daytona-small", "created": "2020-01-02T21:50:34.375Z"} {
		if web[key] != want {
			t.Errorf("%s of sandbox.web is %v, want %v", key, web[key], want)
		}
	}
	for key, since := range map[string]string{"age_seconds": "created", "idle_seconds": "last_active"} {
		at, err := time.Parse(time.RFC3339, web[since].(string))
		seconds, isNumber := web[key].(float64)
		if age := time.Since(at).Seconds(); err != nil || !isNumber || seconds > age+1 || seconds < age-3600 {
			t.Errorf("%s is %v for %s %v: %v", key, web[key], since, web[since], err)
		}
	}
	if box["snapshot"] != nil || volume["region"] != nil || volume["snapshot"] != nil {
		t.Errorf("%v is built from an image, and %v is no sandbox", box, volume)
	}
}
