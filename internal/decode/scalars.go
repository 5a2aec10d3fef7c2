package decode

import (
	"fmt"
	"maps"
	"regexp"
	"strconv"
	"strings"
	"time"

	"gopkg.in/yaml.v3"

	"fleet/internal/yamldoc"
)

// Text returns a text, written in place or given by reference. A number is returned as
// it is written.
func (d *Decoder) Text(n *yaml.Node, path string) (string, bool) {
	n = d.Resolve(n)
	if IsValueFrom(n) {
		return d.valueFrom(n, path)
	}
	if n.Tag == FailedTag {
		return "", false
	}
	if n.Kind != yaml.ScalarNode || yamldoc.IsNull(n) {
		d.Errorf(n, path, "expected text, got %s", d.Describe(n))
		return "", false
	}
	if n.Tag == "!!bool" {
		hint := "if you mean the word, quote it"
		if !d.secret {
			hint += fmt.Sprintf(": %q", n.Value)
		}
		d.Errorf(n, path, "expected text, got %s", d.Describe(n)).Hint = hint
		return "", false
	}
	if strings.ContainsRune(n.Value, 0) {
		d.Errorf(n, path, "text must not hold a NUL character")
		return "", false
	}
	return n.Value, true
}

// Flag returns true or false.
func (d *Decoder) Flag(n *yaml.Node, path string) (any, bool) {
	n = d.Resolve(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!bool" || n.Style == UntypedStyle) {
		switch n.Value {
		case "true", "True", "TRUE":
			return true, true
		case "false", "False", "FALSE":
			return false, true
		}
	}
	m := d.Errorf(n, path, "expected true or false, got %s", d.Describe(n))
	switch strings.ToLower(n.Value) {
	case "yes", "on":
		m.Hint = "write true"
	case "no", "off":
		m.Hint = "write false"
	}
	return nil, false
}

// decimalPattern matches whole numbers that fit an int and that all YAML parsers
// read in the same way.
var decimalPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]{0,9})$`)

// WholeNumber returns a whole number. The unit is named in errors.
func (d *Decoder) WholeNumber(n *yaml.Node, path, unit string) (any, bool) {
	n = d.Resolve(n)
	if n.Kind == yaml.ScalarNode && (n.Tag == "!!int" || n.Style == UntypedStyle) && decimalPattern.MatchString(n.Value) {
		v, _ := strconv.Atoi(n.Value) // at most ten digits
		return v, true
	}
	d.Errorf(n, path, "expected a whole number of %s, got %s", unit, d.Describe(n)).Hint = unitHint(n.Value, unit)
	return nil, false
}

// sizeWithUnitPattern matches sizes such as 4GiB or 512 MB.
var sizeWithUnitPattern = regexp.MustCompile(`(?i)^([0-9]+) ?(gi?b?|g|mi?b?|m)$`)

// unitHint returns a hint for a number that was written with a unit or in quotes, or
// "".
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

// Texts returns a list of texts.
func (d *Decoder) Texts(n *yaml.Node, path string) ([]string, bool) {
	items, ok := d.Sequence(n, path)
	list := make([]string, 0, len(items))
	for i, item := range items {
		s, good := d.Text(item, fmt.Sprintf("%s[%d]", path, i))
		ok = ok && good
		list = append(list, s)
	}
	return list, ok
}

// Items returns a set of entries, written as a list or as one text with commas. item
// returns the canonical form of an entry.
func (d *Decoder) Items(n *yaml.Node, path string, item func(string) (string, error)) ([]string, bool) {
	n = d.Resolve(n)
	var nodes []*yaml.Node
	var raw []string
	if n.Kind == yaml.ScalarNode && !yamldoc.IsNull(n) {
		for _, s := range strings.Split(n.Value, ",") {
			if s = strings.TrimSpace(s); s != "" {
				nodes, raw = append(nodes, n), append(raw, s)
			}
		}
	} else {
		items, ok := d.Sequence(n, path)
		if !ok {
			return nil, false
		}
		for i, x := range items {
			if s, ok := d.Text(x, fmt.Sprintf("%s[%d]", path, i)); ok {
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
			d.RejectText(nodes[i], path, s, err.Error())
			if wrong++; wrong == enough {
				return nil, false
			}
		}
		list = append(list, good)
	}
	return list, wrong == 0
}

// TextMap returns a mapping of texts to texts, in which nullEntry stands for null.
func (d *Decoder) TextMap(n *yaml.Node, path string) (any, bool) {
	entries, ok := d.Entries(n, path)
	m := make(map[string]string, len(entries))
	for _, e := range entries {
		if yamldoc.IsNull(yamldoc.FollowAlias(e.Value)) {
			m[e.Name] = nullEntry
			continue
		}
		s, good := d.Text(e.Value, yamldoc.Join(path, e.Name))
		m[e.Name] = s
		ok = ok && good
	}
	return m, ok
}

// nullEntry stands for a null that removes the entry of a lower layer. It cannot be a
// text of a spec, since those contain no NUL.
const nullEntry = "\x00"

// MergeMaps returns base with the entries of over, without those that over sets to
// null.
func MergeMaps(base, over any) any {
	m := maps.Clone(base.(map[string]string))
	maps.Copy(m, over.(map[string]string))
	for k, v := range over.(map[string]string) {
		if _, below := base.(map[string]string)[k]; v == nullEntry && below {
			delete(m, k)
		}
	}
	return m
}

// EmptyEntry returns the first key whose value is null though no lower layer sets it,
// or "".
func EmptyEntry(v any) string {
	first, found := "", false
	m, _ := v.(map[string]string)
	for k, text := range m {
		if text == nullEntry && (!found || k < first) {
			first, found = k, true
		}
	}
	return first
}
