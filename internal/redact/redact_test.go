package redact

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestText(t *testing.T) {
	for _, tt := range []struct {
		values     []string
		text, want string
	}{
		{nil, "all of it", "all of it"},
		{[]string{"hunter22"}, "it is hunter22, hunter22", "it is (hidden), (hidden)"},
		{[]string{"hunter22", "hunter2222"}, "hunter2222 hunter22", "(hidden) (hidden)"},
		{[]string{"hunter2", "null", "true", "1", ""}, "hunter2 null true 1", "hunter2 null true 1"},
		{[]string{"größe12"}, "größe12", "(hidden)"}, // 9 bytes
		{[]string{`a"b<c>&d`}, `a"b<c>&d a\"b\u003cc\u003e\u0026d a\"b<c>&d`, "(hidden) (hidden) (hidden)"},
		{[]string{"two\nlines"}, `two\nlines`, "(hidden)"},
		{[]string{"a\x1b[31mbc"}, `a\x1b[31mbc a\u001b[31mbc`, "(hidden) (hidden)"},
		{[]string{"p@ss/w rd"}, "https://u:p%40ss%2Fw%20rd@x?q=p%40ss%2Fw+rd", "https://u:(hidden)@x?q=(hidden)"},
		{[]string{"hunter22"}, "Basic dXNlcjpodW50ZXIyMg==", "Basic dXNlcjp(hidden)g=="},
	} {
		if got := New(tt.values).Text(tt.text); got != tt.want {
			t.Errorf("%q in %q: got %q, want %q", tt.values, tt.text, got, tt.want)
		}
	}
	var none *Redactor
	if got := none.Text("x") + (&Redactor{}).Text("y"); got != "xy" {
		t.Error(got)
	}
}

func TestBytes(t *testing.T) {
	r := New([]string{"sandboxes", "12345678", "snapshot\nb"})
	for text, want := range map[string]string{
		`{"sandboxes": "sandboxes", "n": 12345678, "t": "x 12345678 \" sandboxes", "l": ["sandboxes"], "b": true}`://
		`{"sandboxes": "(hidden)", "n": 12345678, "t": "x (hidden) \" (hidden)", "l": ["(hidden)"], "b": true}`,
		` [ "snapshot\nb" , {"a\\":"sandboxes"} ] `: ` [ "(hidden)" , {"a\\":"(hidden)"} ] `,
		`{"sandboxes`:             `{"(hidden)`, // no document
		"[sandboxes] 12345678":    "[(hidden)] (hidden)",
		"sandboxes: 12345678":     "(hidden): (hidden)",
		"":                        "",
		`"sandboxes"`:             `"(hidden)"`,
		`{"a":1} {"sandboxes":1}`: `{"a":1} {"(hidden)":1}`,
	} {
		if got := string(r.Bytes([]byte(text))); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

// However a value is written into a text, it is not in it any more.
func TestNothingIsLeft(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		value := rapid.StringN(MinLength, 40, -1).Draw(rt, "value")
		before, after := rapid.String().Draw(rt, "before"), rapid.String().Draw(rt, "after")
		whole := before + value + after
		quoted, _ := json.Marshal(whole)
		r := New([]string{value})
		for _, text := range []string{whole, strconv.Quote(whole), url.QueryEscape(whole), url.PathEscape(whole), string(quoted)} {
			got := r.Text(text)
			if !strings.Contains(got, Placeholder) || strings.Contains(got, value) {
				rt.Errorf("%q in %q: %q", value, text, got)
			}
		}
		for _, e := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding, base64.RawStdEncoding} {
			if got := r.Text(e.EncodeToString([]byte(whole))); !strings.Contains(got, Placeholder) {
				rt.Errorf("%q in base64 of %q: %q", value, whole, got)
			}
		}
	})
}

// A document keeps all but its texts.
func FuzzDocuments(f *testing.F) {
	f.Add([]byte(`{"password":"password","a":[1,null,true,"x\"password"]}`))
	r := New([]string{"password", "12345678"})
	f.Fuzz(func(t *testing.T, data []byte) {
		got := r.Bytes(data)
		if json.Valid(data) && isJSONDocument(data) != isJSONDocument(got) {
			t.Errorf("%q became %q", data, got)
		}
		if isJSONDocument(data) && !bytes.Equal(shape(data), shape(got)) {
			t.Errorf("%q became %q", data, got)
		}
	})
}

// shape is a document with its texts left out.
func shape(data []byte) []byte {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	var v any
	_ = dec.Decode(&v)
	out, _ := json.Marshal(blank(v))
	return out
}

func blank(v any) any {
	switch v := v.(type) {
	case string:
		return ""
	case []any:
		for i := range v {
			v[i] = blank(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = blank(v[k])
		}
	}
	return v
}

func BenchmarkManySecrets(b *testing.B) {
	var values []string
	for i := range 10_000 {
		values = append(values, fmt.Sprintf("secret-%d-%x", i, i*7919))
	}
	r := New(values)
	text := strings.Repeat("sandbox.worker[12] created in 3.2s, secret-77-94f43, and so on\n", 10_000)
	r.Text("")
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		r.Text(text)
	}
}
