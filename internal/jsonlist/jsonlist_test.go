package jsonlist_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"testing"

	"fleet/internal/jsonlist"
)

type item struct {
	Name string   `json:"name"`
	Sub  []string `json:"sub,omitempty"`
}

type object struct {
	Head  map[string]any `json:"head"`
	Steps []item         `json:"steps"`
	Tail  string         `json:"tail,omitempty"`
}

// TestWrite requires the text of encoding/json, also if other members look like the
// list.
func TestWrite(t *testing.T) {
	decoy := map[string]any{"steps": []string{}, "text": "\n  \"steps\": [],\"steps\":[]"}
	lists := [][]item{{}, {{Name: "a"}}, {{Name: "<b>"}, {Sub: []string{"x", "\u2028"}}, {Name: "\n"}}}
	for i, list := range lists {
		for _, o := range []jsonlist.Options{{}, {Indent: true}, {EscapeHTML: true}, {Indent: true, EscapeHTML: true}} {
			t.Run(fmt.Sprint(i, o), func(t *testing.T) {
				var got, want bytes.Buffer
				enc := json.NewEncoder(&want)
				enc.SetEscapeHTML(o.EscapeHTML)
				if o.Indent {
					enc.SetIndent("", "  ")
				}
				if err := enc.Encode(object{Head: decoy, Steps: list, Tail: "]"}); err != nil {
					t.Fatal(err)
				}
				if !o.Indent {
					want.Truncate(want.Len() - 1)
				}
				err := jsonlist.Write(&got, object{Head: decoy, Steps: []item{}, Tail: "]"}, "steps", slices.Values(list), o)
				if err != nil || got.String() != want.String() {
					t.Fatalf("got %v\n%s\nwant\n%s", err, got.String(), want.String())
				}
			})
		}
	}
}

func TestWriteWithoutList(t *testing.T) {
	for _, v := range []any{object{}, map[string]any{"a": 1}, 1} {
		if err := jsonlist.Write(io.Discard, v, "steps", slices.Values([]item{}), jsonlist.Options{}); err == nil {
			t.Errorf("Write(%v) returns no error", v)
		}
	}
}

// largest is a writer that records the size of the largest write.
type largest struct{ size, total int }

func (l *largest) Write(p []byte) (int, error) {
	l.size = max(l.size, len(p))
	l.total += len(p)
	return len(p), nil
}

// TestWriteStreams requires that the largest write does not grow with the list.
func TestWriteStreams(t *testing.T) {
	const most = 40 << 10
	var sizes largest
	list := slices.Repeat([]item{{Name: "a"}}, 10_000)
	if err := jsonlist.Write(&sizes, object{Steps: []item{}}, "steps", slices.Values(list), jsonlist.Options{Indent: true}); err != nil {
		t.Fatal(err)
	}
	if sizes.size > most || sizes.total < 4*most {
		t.Fatalf("the largest of %d bytes were written at once: %d", sizes.total, sizes.size)
	}
}
