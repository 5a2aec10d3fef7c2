package foreign

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// hostile are texts with what must not act, and how they are shown.
var hostile = map[string]string{
	"":                              "",
	"plain, größe, 日本, 👩‍💻":         "plain, größe, 日本, 👩‍💻",
	"a\x1b[31mb":                    `a\x1b[31mb`,
	"\x1b]0;title\a":                `\x1b]0;title\x07`,
	"\u009b31m":                     `\u009b31m`,
	"a\rb\nc\td\x00\x7f":            `a\rb\nc\td\x00\u007f`,
	"abc\u202edcb\u202c":            `abc\u202edcb\u202c`,
	"\u2066x\u2069":                 `\u2066x\u2069`,
	"\u061ca\u200eb\u200f":          `\u061ca\u200eb\u200f`,
	"a\u2028b\u2029c\u0085d\ufeffe": `a\u2028b\u2029c\u0085d\ufeffe`,
	"\U000e0041":                    `\udb40\udc41`,
	"bad \xff utf":                  "bad \ufffd utf",
}

func TestEscape(t *testing.T) {
	for text, want := range hostile {
		if got := Escape(text); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestText(t *testing.T) {
	const text = Text("a\x1b[2Jb")
	for format, want := range map[string]string{
		"%s": `a\x1b[2Jb`, "%v": `a\x1b[2Jb`, "%q": `"a\\x1b[2Jb"`, "%-12s|": `a\x1b[2Jb   |`, "%.3s": `a\x`, "%x": "615c7831625b324a62",
		"%+v": `a\x1b[2Jb`, "%d": `%!d(string=a\x1b[2Jb)`,
	} {
		if got := fmt.Sprintf(format, text); got != want {
			t.Errorf("%s: got %q, want %q", format, got, want)
		}
	}
	if got := fmt.Sprint(text, []Text{text}, struct{ T Text }{text}, fmt.Errorf("x: %v", text)); strings.Contains(got, "\x1b") {
		t.Errorf("%q", got)
	}
	if data, err := json.Marshal(text); err != nil || string(data) != `"a\u001b[2Jb"` {
		t.Errorf("%s, %v", data, err)
	}
}

// all writes a text in pieces of a size through a Writer.
func all(text string, size int, o Options) string {
	var b bytes.Buffer
	w := NewWriter(&b, o)
	for rest := []byte(text); len(rest) > 0; {
		n := min(size, len(rest))
		if m, err := w.Write(rest[:n]); m != n || err != nil {
			panic(err)
		}
		rest = rest[n:]
	}
	if err := w.Flush(); err != nil {
		panic(err)
	}
	return b.String()
}

func TestWriter(t *testing.T) {
	colors, ci := Options{Colors: true}, Options{CI: true}
	for _, test := range []struct {
		o          Options
		text, want string
	}{
		{Options{}, "a\tb\nc", "a\tb\nc"},
		{Options{}, "\x1b[31mred\x1b[0m", `\x1b[31mred\x1b[0m`},
		{colors, "\x1b[31mred\x1b[0m\x1b[1;38;5;196mx\x1b[m", "\x1b[31mred\x1b[0m\x1b[1;38;5;196mx\x1b[m"},
		{colors, "\x1b[2J\x1b]0;t\a\x1bc\x1b[31", `\x1b[2J\x1b]0;t\x07\x1bc\x1b[31`},
		{colors, "\x1b[" + strings.Repeat("1;", 20) + "m", `\x1b[` + strings.Repeat("1;", 20) + "m"},
		{Options{}, "a\r\nb\u202ec\u009bd", "a\\r\nb\\u202ec\\u009bd"},
		{Options{}, "\xff\xc3", "\ufffd\ufffd"},
		{Options{}, "::add-mask::x\n##[group]y", "::add-mask::x\n##[group]y"},
		{ci, "::add-mask::x", `\u003a:add-mask::x`},
		{ci, "x\n \t ::error::y", "x\n \t \\u003a:error::y"},
		{ci, "\u00a0::error::y", "\u00a0\\u003a:error::y"},
		{ci, "a ::b :: c:\n:x", "a ::b :: c:\n:x"},
		{ci, "a ##[error]b ##vso[x]c ##teamcity[y", `a \u0023#[error]b \u0023#vso[x]c \u0023#teamcity[y`},
		{ci, "###[x ## [y ##A[z #", `#\u0023#[x ## [y ##A[z #`},
		{ci, ":", ":"},
	} {
		for _, size := range []int{1, 2, 3, 1000} {
			if got := all(test.text, size, test.o); got != test.want {
				t.Errorf("%q in pieces of %d: got %q, want %q", test.text, size, got, test.want)
			}
		}
	}
}

// What JSON holds is the same after a Writer.
func TestWriterKeepsJSON(t *testing.T) {
	for text := range hostile {
		text = strings.ToValidUTF8(text, "") + "##[x] ::y"
		data, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var got string
		if shown := all(string(data), 7, Options{CI: true}); json.Unmarshal([]byte(shown), &got) != nil || got != text {
			t.Errorf("%s: got %q", shown, got)
		}
	}
}

var colorCodes = regexp.MustCompile(`\x1b\[[0-9;]{0,32}m`)

func FuzzWriter(f *testing.F) {
	for text := range hostile {
		f.Add(text, 3, true, true)
	}
	f.Add(" ::a\n##[b]\x1b[1m", 1, true, true)
	f.Fuzz(func(t *testing.T, text string, size int, colors, ci bool) {
		o := Options{Colors: colors, CI: ci}
		got := all(text, max(size, 1), o)
		if whole := all(text, len(text)+1, o); got != whole {
			t.Errorf("in pieces %q, at once %q", got, whole)
		}
		if !utf8.ValidString(got) {
			t.Errorf("%q", got)
		}
		left := got
		if colors {
			for _, code := range colorCodes.FindAllString(got, -1) {
				left = strings.ReplaceAll(left, code, "")
			}
		}
		for _, r := range left {
			if r != '\n' && r != '\t' && isUnsafe(r) {
				t.Errorf("%s acts in %q", strconv.QuoteRune(r), got)
			}
		}
		for line := range strings.Lines(got) {
			if ci && (strings.HasPrefix(strings.TrimSpace(line), "::") || strings.Contains(line, "##[")) {
				t.Errorf("a command in %q", got)
			}
		}
	})
}
