package spec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// valuesJSON returns two values of a difference as JSON; "-" if they are omitted.
func valuesJSON(have, want Value) [2]string {
	var list [2]string
	for i, v := range []Value{have, want} {
		if list[i] = v.String(); v.IsZero() {
			list[i] = "-"
		}
	}
	return list
}

// TestValues: values are as a spec writes them, whole, and secret ones are placeholders.
func TestValues(t *testing.T) {
	env, proxy := sandboxTable.find("env_vars"), proxyRow
	mountList := []Mount{{Volume: "cache", Path: "/c"}, {Volume: "data", Path: "/d", Subpath: "x/y"}}
	for _, tt := range []struct {
		name       string
		d          Diff
		have, want string
	}{
		{"flag", Diff{Attr: publicRow, Have: false, Want: true}, `false`, `true`},
		{"number", Diff{Attr: diskRow, Have: 3, Want: 9}, `3`, `9`},
		{"text", Diff{Attr: snapshotRow, Have: "a <b>", Want: ""}, `"a <b>"`, `""`},
		{"none", Diff{Attr: snapshotRow, Want: "base"}, `null`, `"base"`},
		{"unset", Diff{Attr: autoStopRow, Have: 15}, `15`, `null`},
		{"unknown", Diff{Attr: ttlRow, Want: 9, Unknown: true}, `-`, `9`},
		{"set", Diff{Attr: allowListRow, Have: "", Want: "10.0.0.0/8,11.0.0.0/8"}, `[]`, `["10.0.0.0/8","11.0.0.0/8"]`},
		{"list", Diff{Attr: gpuTypeRow, Have: []string(nil), Want: []string{"H100"}}, `[]`, `["H100"]`},
		{"mounts", Diff{Attr: mountsRow, Have: []Mount{}, Want: mountList}, `[]`, `[{"mount_path":"/c","volume":"cache"},{"mount_path":"/d","subpath":"x/y","volume":"data"}]`},
		{"mapping", Diff{Attr: labelsRow, Have: map[string]string(nil), Want: map[string]string{"a": "1", "b": "{x=y}"}}, `{}`, `{"a":"1","b":"{x=y}"}`},
		{"image", Diff{Attr: imageRow, Have: Image{Dockerfile: "FROM a\nRUN x\n"}, Want: Image{Name: "b:1"}}, `"FROM a\nRUN x\n"`, `"b:1"`},
		{"digest", Diff{Attr: contentRow, Want: "0badcafe", Unknown: true}, `-`, `-`},
		{
			"secret mapping",
			Diff{Attr: env, secret: true, Have: map[string]string{"A": "1", "B": secret, "C": "3"}, Want: map[string]string{"A": "1", "B": "other", "D": "4"}},
			`{"A":"(hidden)","B":"(hidden)","C":"(hidden)"}`, `{"A":"(hidden)","B":"(changed)","D":"(changed)"}`,
		},
		{"secret mapping of nothing", Diff{Attr: env, secret: true, Want: map[string]string{"A": secret}}, `null`, `{"A":"(changed)"}`},
		{"unknown secret mapping", Diff{Attr: env, secret: true, Unknown: true, Want: map[string]string{"A": secret}}, `-`, `{"A":"(hidden)"}`},
		{"secret text", Diff{Attr: proxy, secret: true, Have: secret, Want: "other"}, `"(hidden)"`, `"(changed)"`},
		{"secret number", Diff{Attr: diskRow, secret: true, Have: 3, Want: 9}, `"(hidden)"`, `"(changed)"`},
		{"no secret", Diff{Attr: proxy, secret: true, Want: secret}, `null`, `"(changed)"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			have, want := tt.d.Values()
			same(t, "values", valuesJSON(have, want), [2]string{tt.have, tt.want})
			same(t, "sensitive", tt.d.Sensitive(), tt.d.secret)
			requireText(t, tt.d)
		})
	}
}

// requireText requires that the values read as the difference does, also after they were
// written and read.
func requireText(t rapid.TB, d Diff) {
	t.Helper()
	have, want := d.Values()
	h, w := d.Format()
	for _, v := range [][2]Value{{have, want}, {reread(t, have), reread(t, want)}} {
		gotHave, gotWant := FormatValues(SandboxKind, d.Attr.Key, v[0], v[1])
		if gotHave != h || gotWant != w {
			t.Fatalf("%s: the values read %q -> %q, and the difference %q -> %q", d.Attr.Key, gotHave, gotWant, h, w)
		}
	}
}

// reread returns a value that was written, with line breaks, and read.
func reread(t rapid.TB, v Value) Value {
	t.Helper()
	type document struct {
		V Value `json:"v,omitzero"`
	}
	text, err := json.MarshalIndent(document{v}, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var again document
	if err := json.Unmarshal(text, &again); err != nil {
		t.Fatal(err)
	}
	second, err := json.MarshalIndent(again, "", "  ")
	if err != nil || !bytes.Equal(text, second) {
		t.Fatalf("%s is read as %s: %v", text, second, err)
	}
	return again.V
}

// TestValuesReadAsDifferences draws values of each type.
func TestValuesReadAsDifferences(t *testing.T) {
	word := rapid.StringMatching(`[a-zA-Z0-9 "'={}\[\],<>&\n\x{2028}-]{0,8}`)
	plain := rapid.StringMatching(`[a-z0-9./]{1,8}`)
	draws := map[*Attribute]*rapid.Generator[any]{
		publicRow:                     rapid.Bool().AsAny(),
		diskRow:                       rapid.IntRange(-1, 1<<40).AsAny(),
		snapshotRow:                   word.AsAny(),
		labelsRow:                     rapid.MapOfN(word, word, 0, 4).AsAny(),
		sandboxTable.find("env_vars"): rapid.MapOfN(word, word, 0, 4).AsAny(),
		gpuTypeRow:                    rapid.SliceOfN(word, 0, 3).AsAny(),
		allowListRow:                  rapid.Map(rapid.SliceOfN(plain, 0, 3), func(l []string) string { return strings.Join(l, ",") }).AsAny(),
		imageRow:                      rapid.Map(word, func(s string) Image { return Image{Dockerfile: s} }).AsAny(),
		mountsRow: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Mount {
			return Mount{plain.Draw(t, "volume"), plain.Draw(t, "path"), word.Draw(t, "subpath")}
		}), 0, 3).AsAny(),
	}
	rows := make([]*Attribute, 0, len(draws))
	for _, a := range sandboxTable {
		if draws[a] != nil {
			rows = append(rows, a)
		}
	}
	rapid.Check(t, func(rt *rapid.T) {
		a := rapid.SampledFrom(rows).Draw(rt, "attribute")
		requireText(rt, Diff{Attr: a, Have: draws[a].Draw(rt, "have"), Want: draws[a].Draw(rt, "want"), Unknown: rapid.Bool().Draw(rt, "unknown"), secret: a.Secret || rapid.Bool().Draw(rt, "secret")})
	})
}

// TestValuesAreJSON: texts and mappings are written as encoding/json writes them.
func TestValuesAreJSON(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := rapid.MapOf(rapid.String(), rapid.String()).Draw(rt, "mapping")
		text := rapid.String().Draw(rt, "text")
		for _, v := range []any{m, text} {
			want, err := json.Marshal(v)
			got, err2 := json.Marshal(Value{v})
			if err != nil || err2 != nil || !bytes.Equal(got, want) {
				rt.Fatalf("got %s, want %s: %v %v", got, want, err, err2)
			}
		}
	})
}

// TestEveryAttributeHasValues: no attribute has a type whose zero value is JSON that a
// spec would not have.
func TestEveryAttributeHasValues(t *testing.T) {
	for kind, table := range Tables {
		for _, a := range table {
			if a.Type.zero == nil || a.Role != Remote {
				continue
			}
			v := a.value(a.Type.zero, false, hidden)
			if text := v.String(); text == "" || text == "null" || !json.Valid([]byte(text)) {
				t.Errorf("%s.%s: the value %v is the JSON %q", kind, a.Key, a.Type.zero, text)
			}
		}
	}
}

// TestRedacted: texts, names and numbers that hide changes are replaced, and nothing
// else is.
func TestRedacted(t *testing.T) {
	hide := strings.NewReplacer("s3cret-one", hidden, "s3cret-two", hidden, "12345678", hidden).Replace
	mapping := func(pairs ...string) Value {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return Value{m}
	}
	for _, tt := range []struct {
		name       string
		have, want Value
		json       [2]string
		redacted   bool
	}{
		{"nothing", TextValue("a"), Value{true}, [2]string{`"a"`, `true`}, false},
		{"not known", Value{}, TextValue("s3cret-one"), [2]string{`-`, `"(hidden)"`}, true},
		{"none", noValue, TextValue("x s3cret-one"), [2]string{`null`, `"x (hidden)"`}, true},
		{"number", Value{12345678}, Value{7}, [2]string{`"(hidden)"`, `7`}, true},
		{"name", mapping("s3cret-one", "a"), mapping(), [2]string{`{"(hidden)":"a"}`, `{}`}, true},
		{"list", Value{[]string{"s3cret-one", "b"}}, Value{[]string{}}, [2]string{`["(hidden)","b"]`, `[]`}, true},
		{"changed entry", mapping("A", "s3cret-one", "B", "x"), mapping("A", "s3cret-two", "B", "x"), [2]string{`{"A":"(hidden)","B":"x"}`, `{"A":"(changed)","B":"x"}`}, true},
		{"equal entry", mapping("A", "s3cret-one"), mapping("A", "s3cret-one", "B", "x"), [2]string{`{"A":"(hidden)"}`, `{"A":"(hidden)","B":"x"}`}, true},
		{"masked", Value{&maskedMap{entries: map[string]string{"A": "s3cret-one"}}}, mapping(), [2]string{`{"A":"(hidden)"}`, `{}`}, false},
		{"read", Value{json.RawMessage(`{"a": [{"b": "s3cret-one", "n": 1.50}], "c": {"d": {}}}`)}, Value{json.RawMessage(`{"a": {"b": 1}}`)}, [2]string{`{"a":[{"b":"(hidden)","n":1.50}],"c":{"d":{}}}`, `{"a":{"b":1}}`}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := fmt.Sprint(tt.have, tt.want)
			have, want, redacted := Redacted(tt.have, tt.want, hide)
			same(t, "values", valuesJSON(have, want), tt.json)
			same(t, "redacted", redacted, tt.redacted)
			same(t, "the values that were given", fmt.Sprint(tt.have, tt.want), before)
		})
	}
}

// FuzzFormatValues: a value that was read from a file is formatted, with any JSON.
func FuzzFormatValues(f *testing.F) {
	for _, text := range []string{`null`, `1e999`, `"a b"`, `[1,{"volume":"a","mount_path":"/b"},[]]`, `{"a":{"b":1}}`, `{"a":"b"}`} {
		f.Add(text, `{"a":"c"}`)
	}
	keys := slices.Collect(func(yield func(string) bool) {
		for _, a := range sandboxTable {
			if !yield(a.Key) {
				return
			}
		}
	})
	f.Fuzz(func(_ *testing.T, have, want string) {
		var h, w Value
		if json.Unmarshal([]byte(have), &h) != nil || json.Unmarshal([]byte(want), &w) != nil {
			return
		}
		for _, key := range append(keys, "environment") {
			FormatValues(SandboxKind, key, h, w)
		}
		Redacted(h, w, strings.ToUpper)
	})
}
