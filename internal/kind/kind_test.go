package kind_test

import (
	"reflect"
	"slices"
	"testing"

	"fleet/internal/kind"
	"fleet/spec"
)

// Each kind that has objects has a row, in the order in which the kinds depend on each
// other, and each row names all operations that every kind has.
func TestTableIsComplete(t *testing.T) {
	var kinds []spec.Kind
	for _, ops := range kind.All {
		kinds = append(kinds, ops.Kind)
		if kind.Of(ops.Kind) != ops {
			t.Errorf("Of(%s) returns another row", ops.Kind)
		}
		row := reflect.ValueOf(*ops)
		for _, field := range []string{"Path", "Ready", "States", "List", "Read", "Find", "Create", "Delete"} {
			if row.FieldByName(field).IsZero() {
				t.Errorf("%s has no %s", ops.Kind, field)
			}
		}
		if !slices.Contains(ops.States, ops.Ready) || !slices.IsSorted(ops.States) {
			t.Errorf("%s: the states %q do not contain %q, or are not sorted", ops.Kind, ops.States, ops.Ready)
		}
		if ops.Labelled == slices.Contains(spec.NamedKinds, ops.Kind) {
			t.Errorf("%s is labelled and owned by name, or neither", ops.Kind)
		}
	}
	if !slices.Equal(kinds, spec.ObjectKinds) {
		t.Errorf("rows for %q, want %q", kinds, spec.ObjectKinds)
	}
	if kind.Of(spec.ImageKind) != nil {
		t.Error("images have operations")
	}
}
