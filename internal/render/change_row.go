package render

import (
	"strconv"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// A changeRow is a change as it is shown: two values, or the difference of two
// texts.
type changeRow struct {
	key, rule  string
	have, want string
	multiline  bool // the values are texts of several lines
}

// maxInlineValues is the length in bytes of two lists that fit on one line.
const maxInlineValues = 60

// changeRows returns the rows of changes. Each entry of a mapping has a row; the
// first row of an attribute has its rule.
func changeRows(changes []plan.Change) []changeRow {
	var list []changeRow
	for _, c := range changes {
		rule := c.Rule
		if c.Forces {
			rule += ": forces replacement"
		}
		of := rowsFromChange(c)
		for i := range of {
			of[i].key = term.Printable(of[i].key)
			if i == 0 {
				of[i].rule = term.Printable(rule)
			}
		}
		list = append(list, of...)
	}
	return list
}

func rowsFromChange(c plan.Change) []changeRow {
	have, want := strings.TrimSuffix(c.Have, "\n"), strings.TrimSuffix(c.Want, "\n")
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		return []changeRow{{key: c.Attribute, have: c.Have, want: c.Want, multiline: true}}
	}
	h, ok1 := splitEntries(have, "{", " ", "}")
	w, ok2 := splitEntries(want, "{", " ", "}")
	if ok1 && ok2 && len(h)+len(w) > 0 {
		return mappingRows(c.Attribute, h, w)
	}
	if len(have)+len(want) > maxInlineValues {
		h, ok1 = splitEntries(have, "[", ", ", "]")
		w, ok2 = splitEntries(want, "[", ", ", "]")
		if ok1 && ok2 && len(h)+len(w) > 2 {
			return []changeRow{{key: c.Attribute, have: strings.Join(h, "\n"), want: strings.Join(w, "\n"), multiline: true}}
		}
	}
	return []changeRow{{key: c.Attribute, have: term.Printable(have), want: term.Printable(want)}}
}

// mappingRows returns a row for each entry of two mappings, sorted by key.
func mappingRows(attribute string, have, want []string) []changeRow {
	var list []changeRow
	for len(have)+len(want) > 0 {
		h, hv := firstPair(have)
		w, wv := firstPair(want)
		r := changeRow{key: attribute + ".", have: noValue, want: noValue}
		switch {
		case len(want) == 0 || len(have) > 0 && h < w:
			r.key, r.have, have = r.key+h, hv, have[1:]
		case len(have) == 0 || w < h:
			r.key, r.want, want = r.key+w, wv, want[1:]
		default:
			r.key, r.have, r.want, have, want = r.key+h, hv, wv, have[1:], want[1:]
		}
		list = append(list, r.expanded())
	}
	return list
}

// noValue stands for a missing value.
const noValue = "(none)"

// firstPair returns the first entry of a mapping.
func firstPair(entries []string) (key, value string) {
	if len(entries) == 0 {
		return "", ""
	}
	key, value, _ = strings.Cut(entries[0], "=")
	return key, value
}

// expanded returns a row of quoted values as texts if they have several lines.
func (r changeRow) expanded() changeRow {
	have, want := unquote(r.have), unquote(r.want)
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		r.have, r.want, r.multiline = have, want, true
	}
	if r.multiline {
		if r.have == noValue {
			r.have = ""
		}
		if r.want == noValue {
			r.want = ""
		}
		return r
	}
	r.have, r.want = term.Printable(r.have), term.Printable(r.want)
	return r
}

func unquote(s string) string {
	if text, err := strconv.Unquote(s); err == nil {
		return text
	}
	return s
}

// splitEntries splits a collection as plans print it. Values with spaces are
// quoted, so a separator with a space ends an entry.
func splitEntries(text, open, separator, end string) ([]string, bool) {
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

// entryLength returns the length of the first entry, or -1 if it is malformed.
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
