package steps

import (
	"strings"
	"unicode/utf8"

	"fleet/internal/render/term"
	"fleet/plan"
)

// A Content is what a plan shows of a step, or of several steps that differ only in
// their own names. Parts that differ are replaced with an ellipsis.
type Content struct {
	Reason         string
	RetainedReason string // why the objects are retained
	Changes        []plan.Change
	Block          *plan.Block // nil if the steps are not blocked
}

// variableFields appends the texts that may differ between steps of an entry.
func variableFields(list []string, s *plan.Step) []string {
	list = append(list, s.Reason, s.RetainedReason)
	for _, c := range s.Changes {
		list = append(list, c.Have, c.Want)
	}
	if s.Blocked != nil {
		list = append(list, s.Blocked.Reason, s.Blocked.Unblock)
	}
	return list
}

// newEntryContent returns the content of steps that read the same. Texts that
// differ keep only their common beginning and end.
func newEntryContent(steps []*plan.Step) Content {
	first := steps[0]
	t := Content{Reason: first.Reason, RetainedReason: first.RetainedReason, Changes: first.Changes, Block: first.Blocked}
	if len(steps) == 1 {
		return t
	}
	texts := mergeFields(steps)
	t.Reason, t.RetainedReason = texts[0], texts[1]
	t.Changes = append([]plan.Change(nil), first.Changes...)
	for i := range t.Changes {
		t.Changes[i].Have, t.Changes[i].Want = texts[2+2*i], texts[3+2*i]
	}
	if first.Blocked != nil {
		end := texts[2+2*len(t.Changes):]
		t.Block = &plan.Block{Kind: first.Blocked.Kind, Reason: end[0], Unblock: end[1]}
	}
	return t
}

// mergeFields returns the fields of all steps, with an ellipsis in place of parts
// that differ.
func mergeFields(steps []*plan.Step) []string {
	texts := variableFields(nil, steps[0])
	ends := make([]string, len(texts))
	differ := make([]bool, len(texts))
	var own []string
	for _, s := range steps[1:] {
		own = variableFields(own[:0], s)
		for i, text := range own {
			switch {
			case !differ[i] && text == texts[i]:
			case !differ[i]:
				differ[i] = true
				ends[i] = commonSuffix(texts[i], text)
				texts[i] = commonPrefix(strings.TrimSuffix(texts[i], ends[i]), strings.TrimSuffix(text, ends[i]))
			default:
				ends[i] = commonSuffix(ends[i], text)
				texts[i] = commonPrefix(texts[i], strings.TrimSuffix(text, ends[i]))
			}
		}
	}
	for i := range texts {
		if !differ[i] {
			continue
		}
		texts[i] += term.Ellipsis + ends[i]
		if copied, ok := mergeIndexSuffix(steps, i); ok {
			texts[i] = copied
		}
	}
	return texts
}

// mergeIndexSuffix returns a field that ends with the index of each member of a
// group, as addresses do, with the indices of all members.
func mergeIndexSuffix(steps []*plan.Step, field int) (string, bool) {
	base := ""
	for i, s := range steps {
		text, ok := strings.CutSuffix(variableFields(nil, s)[field], "["+s.Address.Index()+"]")
		if !ok || i > 0 && text != base || s.Address.GroupAddress() != steps[0].Address.GroupAddress() {
			return "", false
		}
		base = text
	}
	return base + "[" + shortRanges(steps) + "]", true
}

// commonPrefix returns the common beginning of two texts, in whole characters.
func commonPrefix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	for n > 0 && n < len(a) && !utf8.RuneStart(a[n]) {
		n--
	}
	return a[:n]
}

// commonSuffix returns the common end of two texts, in whole characters.
func commonSuffix(a, b string) string {
	n := 0
	for n < len(a) && n < len(b) && a[len(a)-1-n] == b[len(b)-1-n] {
		n++
	}
	for n > 0 && !utf8.RuneStart(a[len(a)-n]) {
		n--
	}
	return a[len(a)-n:]
}

// ownNameMark replaces the name, key and address of a step in texts that are
// compared. It never appears in output.
const ownNameMark = "\x01"

// withoutOwnName returns a text of a step with marks in place of the step's name,
// key and address.
func withoutOwnName(text string, s *plan.Step) string {
	const mark = ownNameMark
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

// pluralReplacer turns texts about one object into texts about several.
var pluralReplacer = strings.NewReplacer("its disk", "their disks", "its ", "their ", "in it", "in them")

// DataLossText returns what the steps of the entry lose.
func (f *Entry) DataLossText() string {
	if f.Size() > 1 {
		return pluralReplacer.Replace(f.DataLoss)
	}
	return f.DataLoss
}
