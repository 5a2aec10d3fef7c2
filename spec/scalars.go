package spec

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"
)

// text reads a text, written in place or given by reference. A number is taken
// as it is written.
func (d *nodeDecoder) text(n *yaml.Node, path string) (string, bool) {
	n = d.resolve(n)
	if isValueFrom(n) {
		return d.valueFrom(n, path)
	}
	if n.Tag == failedTag {
		return "", false
	}
	if n.Kind != yaml.ScalarNode || isNull(n) {
		d.errorf(n, path, "expected text, got %s", d.describe(n))
		return "", false
	}
	if n.Tag == "!!bool" {
		hint := "if you mean the word, quote it"
		if !d.secret {
			hint += fmt.Sprintf(": %q", n.Value)
		}
		d.errorf(n, path, "expected text, got %s", d.describe(n)).Hint = hint
		return "", false
	}
	if strings.ContainsRune(n.Value, 0) {
		d.errorf(n, path, "text must not hold a NUL character")
		return "", false
	}
	return n.Value, true
}

// flag reads true or false.
func (d *nodeDecoder) flag(n *yaml.Node, path string) (any, bool) {
	n = d.resolve(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!bool" || n.Style == untypedStyle) {
		switch n.Value {
		case "true", "True", "TRUE":
			return true, true
		case "false", "False", "FALSE":
			return false, true
		}
	}
	m := d.errorf(n, path, "expected true or false, got %s", d.describe(n))
	switch strings.ToLower(n.Value) {
	case "yes", "on":
		m.Hint = "write true"
	case "no", "off":
		m.Hint = "write false"
	}
	return nil, false
}

var decimalPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,9})$`)

// wholeNumber reads a whole number of a unit.
func (d *nodeDecoder) wholeNumber(n *yaml.Node, path, unit string) (any, bool) {
	n = d.resolve(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Style == untypedStyle) && decimalPattern.MatchString(n.Value) {
		v, _ := strconv.Atoi(n.Value) // at most ten digits
		return v, true
	}
	d.errorf(n, path, "expected a whole number of %s, got %s", unit, d.describe(n)).Hint = unitHint(n.Value, unit)
	return nil, false
}

var sizeWithUnitPattern = regexp.MustCompile(`(?i)^([0-9]+) ?(gi?b?|g|mi?b?|m)$`)

// unitHint is the hint for a number that was written with a unit.
func unitHint(s, unit string) string {
	if decimalPattern.MatchString(s) {
		return "take off the quotes"
	}
	switch unit {
	case "minutes":
		if t, err := ParseDuration(s); err == nil && t%time.Minute == 0 {
			return fmt.Sprintf("the unit is minutes: write %d", int(t.Minutes()))
		}
	case "GiB":
		m := sizeWithUnitPattern.FindStringSubmatch(s)
		switch {
		case m == nil:
			return ""
		case strings.HasPrefix(strings.ToLower(m[2]), "g"):
			return "the unit is GiB: write " + m[1]
		}
		if mib, err := strconv.Atoi(m[1]); err == nil && mib > 0 && mib%1024 == 0 {
			return fmt.Sprintf("the unit is GiB: write %d", mib/1024)
		}
	}
	return ""
}

// texts reads a list of texts.
func (d *nodeDecoder) texts(n *yaml.Node, path string) ([]string, bool) {
	items, ok := d.sequence(n, path)
	list := make([]string, 0, len(items))
	for i, item := range items {
		s, good := d.text(item, fmt.Sprintf("%s[%d]", path, i))
		ok = ok && good
		list = append(list, s)
	}
	return list, ok
}

// items reads a set of entries, written as a list or as one text with commas,
// and brings each into the form that item gives it.
func (d *nodeDecoder) items(n *yaml.Node, path string, item func(string) (string, error)) ([]string, bool) {
	n = d.resolve(n)
	var nodes []*yaml.Node
	var raw []string
	if n.Kind == yaml.ScalarNode && !isNull(n) {
		for _, s := range strings.Split(n.Value, ",") {
			if s = strings.TrimSpace(s); s != "" {
				nodes, raw = append(nodes, n), append(raw, s)
			}
		}
	} else {
		items, ok := d.sequence(n, path)
		if !ok {
			return nil, false
		}
		for i, x := range items {
			if s, ok := d.text(x, fmt.Sprintf("%s[%d]", path, i)); ok {
				nodes, raw = append(nodes, x), append(raw, strings.TrimSpace(s))
			}
		}
	}
	const enough = 20 // to see what is wrong with all
	wrong := 0
	list := make([]string, 0, len(raw))
	for i, s := range raw {
		good, err := item(s)
		if err != nil {
			d.rejectText(nodes[i], path, s, err.Error())
			if wrong++; wrong == enough {
				return nil, false
			}
		}
		list = append(list, good)
	}
	return list, wrong == 0
}

// textMap reads a mapping of texts to texts.
func (d *nodeDecoder) textMap(n *yaml.Node, path string) (any, bool) {
	entries, ok := d.entries(n, path)
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		if isNull(followAlias(e.value)) {
			m[e.name] = nullEntry
			continue
		}
		s, good := d.text(e.value, join(path, e.name))
		m[e.name] = s
		ok = ok && good
	}
	return m, ok
}

// nullEntry stands for the null of an entry that takes back what is below. It
// is no text: texts hold no NUL.
const nullEntry = "\x00"

// mergeMaps lays a mapping over another.
func mergeMaps(base, over any) any {
	m := maps.Clone(base.(map[string]string))
	maps.Copy(m, over.(map[string]string))
	for k, v := range over.(map[string]string) {
		if _, below := base.(map[string]string)[k]; v == nullEntry && below {
			delete(m, k)
		}
	}
	return m
}

// emptyEntry names an entry of a mapping that takes back what nothing below says,
// or is empty.
func emptyEntry(v any) string {
	if m, ok := v.(map[string]string); ok {
		for _, k := range slices.Sorted(maps.Keys(m)) {
			if m[k] == nullEntry {
				return k
			}
		}
	}
	return ""
}
