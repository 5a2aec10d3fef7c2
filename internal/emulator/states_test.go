package emulator

import (
	"net/http"
	"testing"

	"fleet/internal/emulator/world"
)

// The table of calls against states, as measured: one row per state, one column
// per call. An entry is the status; the texts of a 400 are listed separately.
var (
	callColumns = []struct {
		name, method, path string
		body               any
	}{
		{"start", "POST", "/start", nil},
		{"stop", "POST", "/stop", nil},
		{"delete", "DELETE", "", nil},
		{"archive", "POST", "/archive", nil},
		{"resize", "POST", "/resize", map[string]any{"cpu": 2}},
	}
	callTable = map[string][5]int{
		world.StateCreating:     {409, 409, 409, 409, 400},
		world.StateStarting:     {409, 409, 409, 409, 400},
		world.StateResizing:     {409, 409, 409, 409, 400},
		world.StateRestoring:    {409, 409, 409, 409, 400},
		world.StateStarted:      {200, 200, 200, 400, 200},
		world.StateStopping:     {409, 409, 409, 409, 400},
		world.StateStopped:      {200, 400, 200, 200, 200},
		world.StateArchiving:    {200, 409, 200, 409, 400},
		world.StateArchived:     {200, 400, 200, 400, 400},
		world.StateError:        {400, 400, 200, 400, 400},
		world.StateBuildFailed:  {400, 400, 200, 400, 400},
		world.StatePendingBuild: {409, 409, 200, 409, 400},
		world.StateDestroying:   {409, 409, 409, 409, 400},
	}
	// callTexts are the texts of a 400, by call; the error states have their own.
	callTexts = map[string]string{
		"stop": "Sandbox is not in a stoppable state", "archive": "Sandbox is not stopped",
		"resize": "Sandbox must be in started or stopped state to resize",
	}
)

func TestCallsAgainstStates(t *testing.T) {
	for state, row := range callTable {
		for i, call := range callColumns {
			t.Run(state+" "+call.name, func(t *testing.T) {
				g := newRig(t, Options{})
				id := g.sandbox(nil)
				g.hold(id, state)
				g.expect(call.method, "/sandbox/"+id+call.path, call.body, row[i], wantText(state, call.name, row[i]))
			})
		}
	}
}

func wantText(state, call string, status int) string {
	switch {
	case status == http.StatusConflict:
		return world.ErrInProgress.Message
	case status != http.StatusBadRequest:
		return ""
	case call != "resize" && (state == world.StateError || state == world.StateBuildFailed):
		return world.ErrErrored.Message
	}
	return callTexts[call]
}

// TestChangesInAnyState checks that labels, intervals and public can be changed even while
// a sandbox is destroyed.
func TestChangesInAnyState(t *testing.T) {
	for state := range callTable {
		t.Run(state, func(t *testing.T) {
			g := newRig(t, Options{})
			id := g.sandbox(nil)
			g.hold(id, state)
			g.expect("PUT", "/sandbox/"+id+"/labels", obj("labels", obj("a", "b")), 200, "")
			for _, change := range []string{"autostop/1", "autoarchive/2", "autodelete/-3", "public/true", "ttl/60", "autopause/0"} {
				g.expect("POST", "/sandbox/"+id+"/"+change, nil, 201, "")
			}
			a := g.must("GET", "/sandbox/"+id, nil)
			if a.text("autoStopInterval")+a.text("autoArchiveInterval")+a.text("autoDeleteInterval")+a.text("public") != "12-3true" {
				t.Errorf("changed to %s", a.raw)
			}
		})
	}
}

// TestAcceptedStop covers the time between a request and its pickup by the worker: the
// list shows the stored state, GET the transition.
func TestAcceptedStop(t *testing.T) {
	g := newRig(t, Options{Delays: world.Delays{Stop: 4 * 1e9}})
	id := g.sandbox(nil)
	g.must("POST", "/sandbox/"+id+"/stop", nil)
	item := func() string {
		items := g.must("GET", "/sandbox", nil).field("items").([]any)
		return items[0].(map[string]any)["state"].(string)
	}
	if got := item(); got != world.StateStarted {
		t.Errorf("listed as %s at first", got)
	}
	g.expect("POST", "/sandbox/"+id+"/resize", obj("cpu", 2), 409, "")
	if got := g.must("GET", "/sandbox/"+id, nil).text("state"); got != world.StateStopping {
		t.Errorf("shown as %s at first", got)
	}
	g.control("POST", "clock", obj("advance", "1s"))
	if got := item(); got != world.StateStopping {
		t.Errorf("listed as %s a moment later", got)
	}
	g.expect("POST", "/sandbox/"+id+"/resize", obj("cpu", 2), 400, callTexts["resize"])
	g.control("POST", "clock", obj("advance", "3s"))
	if got := item(); got != world.StateStopped {
		t.Errorf("listed as %s at last", got)
	}
}
