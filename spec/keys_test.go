package spec

import (
	"strings"
	"testing"

	"fleet/internal/image"
)

// TestKeysAreDocumented checks that each key has a type, a schema, an example and a
// sentence.
func TestKeysAreDocumented(t *testing.T) {
	var check func(keys []Key)
	check = func(keys []Key) {
		for _, k := range keys {
			if k.Type == "" || !strings.HasSuffix(k.Doc, ".") || k.schema == nil || k.Example == "" && k.Type != "mapping" {
				t.Errorf("%s lacks a type, an example, a schema or a sentence", k.Name)
			}
			check(k.Keys)
		}
	}
	check(TopLevel)
	check(valueFromKeys)
	check(mountKeys)
	check(stepKeys)
	same(t, "steps", len(stepKeys), len(image.Steps))
}
