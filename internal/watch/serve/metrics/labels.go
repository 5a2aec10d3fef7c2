package metrics

import (
	"slices"
	"strings"

	"fleet/apply"
	"fleet/internal/state"
	"fleet/spec"
)

// other is the value of a label for everything that is not listed.
const other = "other"

// absent is the state of objects that do not exist.
const absent = "absent"

// maxValues is how many values a label takes whose values are not listed.
const maxValues = 24

// kinds are the values of the label kind.
var kinds = func() (list []string) {
	for _, k := range spec.ObjectKinds {
		list = append(list, string(k))
	}
	return append(list, other)
}()

// kindOf returns the kind in an address, such as sandbox for sandbox.worker[3].
func kindOf(address string) string {
	kind, _, _ := strings.Cut(address, ".")
	return known(kinds, kind)
}

// states are the states that the server documents. Others may be any text.
var states = []string{
	state.Active, state.Archived, state.Archiving, state.BuildFailed, state.Building, state.BuildingSnapshot, state.Creating, state.Deleted,
	state.Deleting, state.Destroyed, state.Destroying, state.Error, state.Forking, state.Inactive, state.Paused, state.Pausing, state.Pending,
	state.PendingBuild, state.PendingCreate, state.PendingDelete, state.Pulling, state.PullingSnapshot, state.Ready, state.Removing,
	state.Resizing, state.Restoring, state.Resuming, state.Snapshotting, state.Started, state.Starting, state.Stopped, state.Stopping, state.Unknown,
}

func stateOf(s string) string {
	if s == "" {
		return absent
	}
	return known(states, s)
}

// known returns a value that is listed, or other.
func known(list []string, value string) string {
	if slices.Contains(list, value) {
		return value
	}
	return other
}

// results are the phases in which steps end.
var results = []string{string(apply.Done), string(apply.Failed), string(apply.Skipped), string(apply.Interrupted), string(apply.RolledBack)}

// A vocabulary bounds the values of a label that come from texts: the first
// [maxValues] ones are kept, and all later ones are other.
type vocabulary map[string]bool

func (v vocabulary) bound(value string) string {
	switch {
	case v[value]:
		return value
	case value == "" || len(v) >= maxValues:
		return other
	}
	v[value] = true
	return value
}

// head returns the start of a text that names its kind, such as "file change" of "file
// change: fleet.yaml": letters, digits, hyphens and single blanks.
func head(text string) string {
	end := strings.IndexFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && r != '-' && r != '_' && r != ' '
	})
	if end >= 0 {
		text = text[:end]
	}
	if text = strings.TrimSpace(text); len(text) > 40 {
		return other
	}
	return text
}

// alarmName returns the name of an alarm without an address in it.
func alarmName(name string) string {
	name, _, _ = strings.Cut(name, " ")
	return head(name)
}
