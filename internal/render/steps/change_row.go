package steps

import (
	"strconv"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// A ChangeRow is a change as it is shown: two values, or the difference of two
// texts.
type ChangeRow struct {
	Key       string // the attribute, with the key of an entry of a mapping
	Rule      string // of the attribute; empty in its rows after the first
	Have      string // the observed value
	Want      string // the desired value
	Multiline bool   // the values are texts of several lines
	Details   string // what differs, in clauses; empty if the values show it
}

// maxInlineValues is the length in bytes of two lists that fit on one line.
const maxInlineValues = 60

// ChangeRows returns the rows of changes. Each entry of a mapping has a row; the
// first row of an attribute has its rule.
func ChangeRows(changes []plan.Change) []ChangeRow {
	var list []ChangeRow
	for _, c := range changes {
		rule := c.Rule
		if c.Forces {
			rule += ": forces replacement"
		}
		of := rowsFromChange(c)
		for i := range of {
			of[i].Key = term.Printable(of[i].Key)
			if i == 0 {
				of[i].Rule = term.Printable(rule)
				of[i].Details = term.Printable(strings.Join(c.Details, ", "))
			}
		}
		list = append(list, of...)
	}
	return list
}

func rowsFromChange(c plan.Change) []ChangeRow {
	have, want := strings.TrimSuffix(c.Have, "\n"), strings.TrimSuffix(c.Want, "\n")
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		return []ChangeRow{{Key: c.Attribute, Have: c.Have, Want: c.Want, Multiline: true}}
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
			return []ChangeRow{{Key: c.Attribute, Have: strings.Join(h, "\n"), Want: strings.Join(w, "\n"), Multiline: true}}
		}
	}
	return []ChangeRow{{Key: c.Attribute, Have: term.Printable(have), Want: term.Printable(want)}}
}

// mappingRows returns a row for each entry of two mappings, sorted by key.
func mappingRows(attribute string, have, want []string) []ChangeRow {
	var list []ChangeRow
	for len(have)+len(want) > 0 {
		h, hv := firstPair(have)
		w, wv := firstPair(want)
		r := ChangeRow{Key: attribute + ".", Have: noValue, Want: noValue}
		switch {
		case len(want) == 0 || len(have) > 0 && h < w:
			r.Key, r.Have, have = r.Key+h, hv, have[1:]
		case len(have) == 0 || w < h:
			r.Key, r.Want, want = r.Key+w, wv, want[1:]
		default:
			r.Key, r.Have, r.Want, have, want = r.Key+h, hv, wv, have[1:], want[1:]
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
func (r ChangeRow) expanded() ChangeRow {
	have, want := unquote(r.Have), unquote(r.Want)
	if strings.Contains(have, "\n") || strings.Contains(want, "\n") {
		r.Have, r.Want, r.Multiline = have, want, true
	}
	if r.Multiline {
		if r.Have == noValue {
			r.Have = ""
		}
		if r.Want == noValue {
			r.Want = ""
		}
		return r
	}
	r.Have, r.Want = term.Printable(r.Have), term.Printable(r.Want)
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
