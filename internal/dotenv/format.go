package dotenv

import "strings"

var lineBreaks = strings.NewReplacer("\n", `\n`, "\r", `\r`)

// neighbours stand around a line to try it: it must not change how others are
// read, nor they how it is.
const before, after = "Q=\"q\"\nR='r'\n", "S=\"s\"\nT='t'\n"

// Format returns the line of a variable, with its line break. It is false if there
// is no way to write the value so that both libraries read it.
func Format(name, value string) (line string, ok bool) {
	for _, written := range []string{
		`"` + lineBreaks.Replace(value) + `"`, // one line, if possible
		"'" + value + "'",
		`"` + value + `"`,
		value,
	} {
		line := name + "=" + written + "\n"
		f, err := Parse([]byte(before+line+after), "")
		if err != nil || len(f.Variables) != 5 {
			continue
		}
		if v, known := f.Lookup(name); known && v.Problem == "" && v.Value == value && f.reads("Q", "R", "S", "T") {
			return line, true
		}
	}
	return "", false
}

// reads reports whether each of the names has itself in small letters as its value.
func (f *File) reads(names ...string) bool {
	for _, name := range names {
		if v, _ := f.Lookup(name); v.Problem != "" || v.Value != strings.ToLower(name) {
			return false
		}
	}
	return true
}
