package dotenv

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestFormat(t *testing.T) {
	for value, want := range map[string]string{
		"":                      `A=""`,
		"007":                   `A="007"`,
		" x ":                   `A=" x "`,
		"a#b":                   `A="a#b"`,
		"ab$CD":                 `A="ab$CD"`,
		"x\ny\r\n":              `A="x\ny\r\n"`,
		`it's`:                  `A="it's"`,
		`{"a": "b"}`:            `A='{"a": "b"}'`,
		"{\n\"a\": 1\n}":        "A='{\n\"a\": 1\n}'",
		`{"key": "BEGIN\nEND"}`: `A='{"key": "BEGIN\nEND"}'`,
		"a\\nb'\nc":             "",
		`it's "x"`:              `A=it's "x"`,
		`C:\`:                   `A=C:\`,
		`C:\new`:                `A='C:\new'`,
		"x\n\\":                 "",
		"${HOST}":               "",
		"x\x00":                 "",
	} {
		got, ok := Format("A", value)
		if ok != (want != "") || ok && got != want+"\n" {
			t.Errorf("%q is written as %q, want %q", value, got, want)
		}
	}
}

// TestFormats checks that files of several lines are read as they were written,
// and that only values with characters that are special to a library have no form.
func TestFormats(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		texts := rapid.OneOf(rapid.String(), rapid.StringMatching(`[ab0 \n\r\\"'$!{}#=]*`))
		values := rapid.MapOfN(rapid.StringMatching("FLEET_[A-Z0-9_]+"), texts, 1, 4).Draw(rt, "values")
		var file strings.Builder
		for name, value := range values {
			line, ok := Format(name, value)
			if !ok {
				if !strings.ContainsAny(value, "\\'\"\x00\ufffd") && !strings.Contains(value, "${") {
					rt.Errorf("%q is not written", value)
				}
				delete(values, name)
			}
			file.WriteString(line)
		}
		f, err := Parse([]byte(file.String()), "")
		if err != nil || len(f.Variables) != len(values) {
			rt.Fatalf("got %+v, %v", f, err)
		}
		for _, v := range f.Variables {
			if v.Problem != "" || v.Value != values[v.Name] {
				rt.Errorf("got %+v, want %q in\n%s", v, values[v.Name], file.String())
			}
		}
	})
}
