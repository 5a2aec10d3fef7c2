package render

import (
	"strconv"
	"strings"

	"fleet/plan"
)

// A row is a change as it is shown: one value for another, or the lines of two
// texts.
type row struct {
	key, rule  string
	have, want string
	block      bool // the values are texts of lines
}

// wideValues is how long two lists may be together to stand on one line.
const wideValues = 60

// rows are the rows of changes. Each entry of a mapping has its own; a rule is
// told once for each attribute.
func rows(changes []plan.Change) []row {
	var list []row
	for _, c := range changes {
		rule := c.Rule
		if c.Forces {
			rule += ": forces replacement"
		}
		of := rowsOf(c)
		for i := range of {
			of[i].key = printable(of[i].key)
			if i == 0 {
				of[i].rule = printable(rule)
			}
		}
		list = append(list, of...)
	}
	return list
}

func rowsOf(c plan.Change) []row {
	have, want := strings.TrimSuffix(c.Have, "\n"), strings.TrimSuffix(c.Want, "\n")
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		return []row{{key: c.Attribute, have: c.Have, want: c.Want, block: true}}
	}
	h, ok1 := entries(have, "{", " ", "}")
	w, ok2 := entries(want, "{", " ", "}")
	if ok1 && ok2 && len(h)+len(w) > 0 {
		return entryRows(c.Attribute, h, w)
	}
	if len(have)+len(want) > wideValues {
		h, ok1 = entries(have, "[", ", ", "]")
		w, ok2 = entries(want, "[", ", ", "]")
		if ok1 && ok2 && len(h)+len(w) > 2 {
			return []row{{key: c.Attribute, have: strings.Join(h, "\n"), want: strings.Join(w, "\n"), block: true}}
		}
	}
	return []row{{key: c.Attribute, have: printable(have), want: printable(want)}}
}

// entryRows has a row for each entry of two mappings, in the order of the keys.
func entryRows(attribute string, have, want []string) []row {
	var list []row
	for len(have)+len(want) > 0 {
		h, hv := pair(have)
		w, wv := pair(want)
		r := row{key: attribute + ".", have: nothing, want: nothing}
		switch {
		case len(want) == 0 || len(have) > 0 && h < w:
			r.key, r.have, have = r.key+h, hv, have[1:]
		case len(have) == 0 || w < h:
			r.key, r.want, want = r.key+w, wv, want[1:]
		default:
			r.key, r.have, r.want, have, want = r.key+h, hv, wv, have[1:], want[1:]
		}
		list = append(list, r.opened())
	}
	return list
}

// nothing is what is shown for a value that is not there.
const nothing = "(none)"

// pair is the first entry of a mapping.
func pair(entries []string) (key, value string) {
	if len(entries) == 0 {
		return "", ""
	}
	key, value, _ = strings.Cut(entries[0], "=")
	return key, value
}

// opened is a row of quoted values as a block, where they have lines.
func (r row) opened() row {
	have, want := unquoted(r.have), unquoted(r.want)
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		r.have, r.want, r.block = have, want, true
	}
	if r.block {
		if r.have == nothing {
			r.have = ""
		}
		if r.want == nothing {
			r.want = ""
		}
		return r
	}
	r.have, r.want = printable(r.have), printable(r.want)
	return r
}

func unquoted(s string) string {
	if text, err := strconv.Unquote(s); err == nil {
		return text
	}
	return s
}

// entries takes the form apart in which collections are shown. Values with
// blanks are quoted in it, so that a separator with a blank ends an entry.
func entries(text, open, separator, end string) ([]string, bool) {
	inner, ok1 := strings.CutPrefix(text, open)
	inner, ok2 := strings.CutSuffix(inner, end)
	if !ok1 || !ok2 {
		return nil, false
	}
	var list []string
	for inner != "" {
		n := entryLength(inner, separator)
		if n < 0 {
			return nil, false
		}
		list = append(list, inner[:n])
		inner = strings.TrimPrefix(inner[n:], separator)
	}
	return list, true
}

// entryLength is how long the first entry is, or -1 when it has no such form.
func entryLength(s, separator string) int {
	at := 0
	if separator == " " { // of a mapping, whose values may be quoted
		at = strings.IndexByte(s, '=') + 1
		if at == 0 {
			return -1
		}
	}
	if quoted, err := strconv.QuotedPrefix(s[at:]); err == nil && strings.HasPrefix(quoted, `"`) {
		at += len(quoted)
		if at < len(s) && !strings.HasPrefix(s[at:], separator) {
			return -1
		}
		return at
	}
	if i := strings.Index(s[at:], separator); i >= 0 {
		return at + i
	}
	return len(s)
}
