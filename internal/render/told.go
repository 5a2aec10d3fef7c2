package render

import (
	"strings"
	"unicode/utf8"

	"fleet/plan"
)

// told is what is told of a step, or of several that differ in no more than
// their own names.
type told struct {
	reason, kept string
	changes      []plan.Change
	block        *plan.Block
}

// fields appends the texts that may differ, in the order of their places.
func fields(list []string, s *plan.Step) []string {
	list = append(list, s.Reason, s.Kept)
	for _, c := range s.Changes {
		list = append(list, c.Have, c.Want)
	}
	if s.Blocked != nil {
		list = append(list, s.Blocked.Reason, s.Blocked.Unblock)
	}
	return list
}

// tell tells of steps that read the same. Where they differ, only what their
// texts begin and end with is told.
func tell(steps []*plan.Step) told {
	first := steps[0]
	t := told{reason: first.Reason, kept: first.Kept, changes: first.Changes, block: first.Blocked}
	if len(steps) == 1 {
		return t
	}
	texts := shared(steps)
	t.reason, t.kept = texts[0], texts[1]
	t.changes = append([]plan.Change(nil), first.Changes...)
	for i := range t.changes {
		t.changes[i].Have, t.changes[i].Want = texts[2+2*i], texts[3+2*i]
	}
	if first.Blocked != nil {
		end := texts[2+2*len(t.changes):]
		t.block = &plan.Block{Kind: first.Blocked.Kind, Reason: end[0], Unblock: end[1]}
	}
	return t
}

// shared are the fields of all steps, with an ellipsis in place of what is not
// the same in all.
func shared(steps []*plan.Step) []string {
	texts := fields(nil, steps[0])
	ends := make([]string, len(texts))
	differ := make([]bool, len(texts))
	var own []string
	for _, s := range steps[1:] {
		own = fields(own[:0], s)
		for i, text := range own {
			switch {
			case !differ[i] && text == texts[i]:
			case !differ[i]:
				differ[i] = true
				ends[i] = commonEnd(texts[i], text)
				texts[i] = commonStart(strings.TrimSuffix(texts[i], ends[i]), strings.TrimSuffix(text, ends[i]))
			default:
				ends[i] = commonEnd(ends[i], text)
				texts[i] = commonStart(texts[i], strings.TrimSuffix(text, ends[i]))
			}
		}
	}
	for i := range texts {
		if !differ[i] {
			continue
		}
		texts[i] += ellipsis + ends[i]
		if copied, ok := indexed(steps, i); ok {
			texts[i] = copied
		}
	}
	return texts
}

// indexed is a field in which each of several copies of a group has its own
// index at the end, as addresses do, with all indices.
func indexed(steps []*plan.Step, field int) (string, bool) {
	base := ""
	for i, s := range steps {
		text, ok := strings.CutSuffix(fields(nil, s)[field], "["+s.Address.Index()+"]")
		if !ok || i > 0 && text != base || s.Address.Whole() != steps[0].Address.Whole() {
			return "", false
		}
		base = text
	}
	return base + "[" + shortRanges(steps) + "]", true
}

// commonStart is what both texts begin with, in whole characters.
func commonStart(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}

// commonEnd is what both texts end with, in whole characters.
func commonEnd(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return a[len(a)-n:]
}

// unnamedMark stands for what is a step's own in texts that are compared. It is
// in none that is shown.
const unnamedMark = "\x01"

// unnamed is a text of a step without the step's own name, key and address.
func unnamed(text string, s *plan.Step) string {
	const mark = unnamedMark
	if text == "" {
		return ""
	}
	old := s.Name
	if s.Have != nil {
		old = s.Have.Name
	}
	which := s.Address.Index()
	if text == s.Name || text == old || text == which {
		return mark
	}
	if strings.Contains(text, `"`) {
		text = strings.ReplaceAll(text, `"`+s.Name+`"`, mark)
		if old != s.Name {
			text = strings.ReplaceAll(text, `"`+old+`"`, mark)
		}
	}
	if strings.Contains(text, s.Address.Key) {
		text = strings.ReplaceAll(text, s.Address.String(), mark)
	}
	if which != "" {
		if rest, ok := strings.CutSuffix(text, "["+which+"]"); ok {
			text = rest + mark
		}
	}
	return text
}

// ofMany says of many what a plan says of one.
var ofMany = strings.NewReplacer("its disk", "their disks", "its ", "their ", "in it", "in them")

// loses is what goes for good with the steps of the fold, in words.
func (f *fold) loses() string {
	if f.size() > 1 {
		return ofMany.Replace(f.Loses)
	}
	return f.Loses
}
