package emulator

import (
	"testing"

	"fleet/internal/emulator/world"
)

func TestLifeOfASandbox(t *testing.T) {
	g := newRig(t, Options{})
	made := g.must("POST", "/sandbox", obj("name", "box", "labels", obj("a", "b")))
	if made.text("state") != "creating" {
		t.Errorf("created: %s", made.raw)
	}
	id := made.text("id")
	if s := g.must("GET", "/sandbox/box", nil).text("state"); s != "started" {
		t.Errorf("state %s", s)
	}
	if s := g.must("POST", "/sandbox/box/stop", nil).text("state"); s != "stopping" {
		t.Errorf("stop: %s", s)
	}
	if s := g.must("GET", "/sandbox/box", nil).text("state"); s != "stopped" {
		t.Errorf("state %s", s)
	}
	if s := g.must("POST", "/sandbox/box/archive", nil).text("state"); s != "archiving" {
		t.Errorf("archive: %s", s)
	}
	if s := g.must("POST", "/sandbox/box/start", nil).text("state"); s != "archived" {
		t.Errorf("start of an archived one: %s", s)
	}
	if s := g.must("GET", "/sandbox/box", nil).text("state"); s != "started" {
		t.Errorf("state %s", s)
	}
	if s := g.must("DELETE", "/sandbox/box", nil).text("state"); s != "destroying" {
		t.Errorf("delete: %s", s)
	}
	g.expect("GET", "/sandbox/"+id, nil, 404, "Sandbox with ID or name "+id+" not found")
	g.must("POST", "/sandbox", obj("name", "box"))
	g.expect("GET", "/sandbox/box", nil, 404, "")
	g.clock = g.clock.Add(world.NameCacheTTL)
	g.expect("GET", "/sandbox/box", nil, 200, "")
}
