package jsonobject_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"fleet/internal/jsonobject"
)

// FuzzObject compares with encoding/json: the same texts are objects, and have the same
// members.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, `null`, ` { "a" : 1 , "b":[1,{"c":null}],"a":"x"}`, `{"a\u0062":"\ud800","é":" "}`, `{"a":1}x`, `{"a":1,}`, `{"a"}`, `[]`, `"x"`, `{`, ``,
		`{"a":1e400}`, "{\"\xff\":\"\xff\"}", `{"a":01}`, `{"a":1} {"b":2}`, "\ufeff{}", `{"a":nul}`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var want map[string]json.RawMessage
		wantErr := json.Unmarshal([]byte(text), &want)
		var got jsonobject.Object
		err := got.UnmarshalJSON([]byte(text))
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q: %v, want %v", text, err, wantErr)
		}
		if err != nil {
			return
		}
		for name, value := range want {
			if string(got.Get(name)) != string(value) {
				t.Errorf("%q: %q is %q, want %q", text, name, got.Get(name), value)
			}
		}
		for name := range got.All() {
			if _, found := want[name]; !found {
				t.Errorf("%q: %q is no member", text, name)
			}
		}
	})
}

// FuzzValues compares the decoding of single values with encoding/json.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{`"a"`, `"\u0061\n"`, "\"\xff\"", `"`, `""`, `true`, `false`, `null`, `0`, `12`, `-3`, `1.5`, `1e3`, `123456789012345678`, `[]`, `12a`, ` 1`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !json.Valid([]byte(text)) || strings.TrimSpace(text) != text {
			return // a value in an object is valid
		}
		same(t, text, jsonobject.Text)
		same(t, text, jsonobject.Flag)
		same(t, text, jsonobject.Number)
	})
}

func same[T any](t *testing.T, text string, decode func(json.RawMessage) (T, error)) {
	t.Helper()
	var want T
	wantErr := json.Unmarshal([]byte(text), &want)
	got, err := decode(json.RawMessage(text))
	if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %v, %v; want %v, %v", text, got, err, want, wantErr)
	}
}

// TestSeveralValues: a reader goes through a text once, and what it returned stays.
func TestSeveralValues(t *testing.T) {
	r := jsonobject.NewReader([]byte(`{"items":[{"a":1},{"a":"two"},null],"n":3}`))
	var items []jsonobject.Object
	var n json.RawMessage
	for name, err := range r.Members() {
		if err != nil {
			t.Fatal(err)
		}
		switch name {
		case "items":
			err = r.Items(func() error {
				o, err := r.Object()
				items = append(items, o)
				return err
			})
		default:
			n, err = r.Value()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := r.End(); err != nil || len(items) != 3 || string(items[0].Get("a"))+string(items[1].Get("a")) != `1"two"` || items[2].Len() != 0 || string(n) != "3" {
		t.Errorf("%v %s %v", items, n, err)
	}
}
