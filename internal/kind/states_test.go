package kind

import (
	"testing"

	"fleet/spec"
)

func TestCheckStates(t *testing.T) {
	for _, tt := range []struct {
		states []string
		kinds  []spec.Kind
		want   string
	}{
		{},
		{states: []string{"started", "active", "pending_delete"}},
		{states: []string{"started", "error"}, kinds: []spec.Kind{spec.SandboxKind}},
		{states: []string{"stoped"}, want: `an object is never in state "stoped"; did you mean "stopped"?`},
		{states: []string{"Started"}, want: `an object is never in state "Started"; did you mean "started"?`},
		{
			states: []string{"eror", "stopped", "STOPPED"}, kinds: []spec.Kind{spec.SandboxKind},
			want: `a sandbox is never in state "eror"; did you mean "error"?; a sandbox is never in state "STOPPED"; did you mean "stopped"?`,
		},
		{
			states: []string{"started"}, kinds: []spec.Kind{spec.VolumeKind},
			want: `a volume is never in state "started"; its states are creating, deleting, error, pending_create, pending_delete and ready`,
		},
		{
			states: []string{""}, kinds: []spec.Kind{spec.VolumeKind},
			want: `a volume is never in state ""; its states are creating, deleting, error, pending_create, pending_delete and ready`,
		},
		{states: []string{"\x1b[2J"}, kinds: []spec.Kind{spec.VolumeKind}, want: `a volume is never in state "\x1b[2J"; its states are creating, deleting, error, pending_create, pending_delete and ready`},
	} {
		got := ""
		if err := CheckStates(tt.states, tt.kinds...); err != nil {
			got = err.Error()
		}
		if got != tt.want {
			t.Errorf("%q of %v: %s", tt.states, tt.kinds, got)
		}
	}
}
