package client

import (
	"encoding/json"
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"fleet/internal/jsonobject"
)

func TestSandboxUnmarshal(t *testing.T) {
	var got Sandbox
	err := json.Unmarshal([]byte(`{
		"id": "1", "organizationId": "o", "name": "box", "state": "yodelling", "desiredState": "started",
		"errorReason": null, "recoverable": true, "sandboxClass": "container", "createdAt": "2026-11-23T10:35:17.131Z",
		"labels": {"a": "x", "b": 1, "c": {"d": [true]}, "e": null}, "autoStopInterval": 15
	}`), &got)
	if err != nil {
		t.Fatal(err)
	}
	if string(got.Fields.Get("autoStopInterval")) != "15" || got.Fields.Len() != 11 {
		t.Errorf("fields %v", got.Fields)
	}
	got.Fields = jsonobject.Object{}
	want := Sandbox{
		ID: "1", OrganizationID: "o", Name: "box", State: "yodelling", DesiredState: StateStarted,
		Recoverable: true, Class: "container", CreatedAt: time.Date(2026, 11, 23, 10, 35, 17, 131e6, time.UTC),
		Labels: map[string]string{"a": "x", "b": "1", "c": `{"d": [true]}`, "e": "null"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestSandboxUnmarshalOddities(t *testing.T) {
	for text, ok := range map[string]bool{
		`{}`:                 true,
		`null`:               true,
		`{"labels": null}`:   true,
		`{"labels": [1]}`:    true,
		`{"createdAt": "-"}`: true,
		`{"id": 5}`:          true,
		`[]`:                 false,
		`"x"`:                false,
	} {
		var s Sandbox
		if err := json.Unmarshal([]byte(text), &s); (err == nil) != ok {
			t.Errorf("%s: %v", text, err)
		}
		if s.ID != "" || s.Labels != nil || !s.CreatedAt.IsZero() {
			t.Errorf("%s: %+v", text, s)
		}
	}
}

func TestSandboxStates(t *testing.T) {
	for _, test := range []struct {
		state, desired        State
		name                  string
		want                  State
		settled, failed, gone bool
	}{
		{"started", "started", "a", "started", true, false, false},
		{"started", "stopped", "a", "stopping", false, false, false},
		{"started", "destroyed", "DESTROYED_a_1795430199000", "destroying", false, false, true},
		{"stopped", "started", "a", "starting", false, false, false},
		{"stopped", "archived", "a", "archiving", false, false, false},
		{"stopped", "destroyed", "a", "destroying", false, false, true},
		{"unknown", "started", "a", "creating", false, false, false},
		{"archived", "started", "a", "archived", false, false, false},
		{"archived", "archived", "a", "archived", true, false, false},
		{"paused", "paused", "a", "paused", true, false, false},
		{"error", "started", "a", "error", false, true, false},
		{"error", "destroyed", "a", "error", false, true, true},
		{"build_failed", "started", "a", "build_failed", false, true, false},
		{"destroyed", "", "a", "destroyed", false, false, true},
		{"stopping", "stopped", "DESTROYED_a\nb_17", "stopping", false, false, true},
		{"started", "started", "DESTROYED_by_hand", "started", true, false, false},
		{"levitating", "levitating", "a", "levitating", false, false, false},
	} {
		s := Sandbox{State: test.state, DesiredState: test.desired, Name: test.name}
		if s.Effective() != test.want || s.Settled() != test.settled || s.Failed() != test.failed || s.Deleted() != test.gone {
			t.Errorf("%s/%s %s: %s, settled %t, failed %t, gone %t",
				test.state, test.desired, test.name, s.Effective(), s.Settled(), s.Failed(), s.Deleted())
		}
	}
}

func TestRecordedObjects(t *testing.T) {
	var sandbox Sandbox
	recordedBody(t, "068-sandbox-get", &sandbox)
	if sandbox.ID == "" || sandbox.Name == "" || sandbox.CreatedAt.IsZero() || sandbox.Fields.Get("env") == nil {
		t.Errorf("%+v", sandbox)
	}
	var snapshot Snapshot
	recordedBody(t, "034-snapshot-get", &snapshot)
	if snapshot.Name != "snap-a" || !snapshot.Settled() || snapshot.Failed() || snapshot.General {
		t.Errorf("%+v", snapshot)
	}
	var volume Volume
	recordedBody(t, "029-volume-get-deleted", &volume)
	if !volume.Deleted() || volume.Settled() || volume.Failed() {
		t.Errorf("%+v", volume)
	}
	var key Key
	recordedBody(t, "005-apikey-current", &key)
	if !key.Allows("write:sandboxes") || key.Allows("manage:secrets") || !key.ExpiresAt.IsZero() {
		t.Errorf("%+v", key)
	}
}

func recordedBody(t *testing.T, name string, out any) {
	t.Helper()
	data, err := os.ReadFile("../../shared/daytona/recordings/" + name + ".json")
	if err != nil {
		t.Skip("no recordings of a server:", err)
	}
	recording := struct{ Response struct{ Body any } }{}
	recording.Response.Body = out
	if err := json.Unmarshal(data, &recording); err != nil {
		t.Fatal(err)
	}
}
