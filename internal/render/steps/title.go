package steps

import (
	"fmt"
	"strconv"
	"strings"

	"fleet/internal/render/term"
	"fleet/plan"
)

// TitleWidth is the width in columns of a title. Longer ones are cut, or move the
// notes after them.
const TitleWidth = 40

// maxNamesWidth is the width in columns of the names of the steps of a result.
const maxNamesWidth = 400

// AddressRange returns the address of members of one group, such as
// sandbox.worker[0..3,7], in at most limit columns. 0 is no limit.
func AddressRange(steps []*plan.Step, limit int) string {
	if len(steps) == 1 {
		return term.Printable(steps[0].Address.String())
	}
	text := term.Printable(steps[0].Address.GroupAddress().String()) + "["
	if limit > 0 {
		limit = max(limit-term.StringWidth(text)-1, 1)
	}
	return text + joinLimited(indexRanges(steps), limit) + "]"
}

// shortRanges returns the indices of members of a group, as far as they fit into a
// title.
func shortRanges(steps []*plan.Step) string { return joinLimited(indexRanges(steps), TitleWidth/2) }

// joinLimited returns a list in at most limit columns, but always the first part.
// 0 is no limit.
func joinLimited(parts []string, limit int) string {
	var b strings.Builder
	width := 0
	for i, p := range parts {
		p = term.Printable(p)
		width += term.StringWidth(p) + 1
		if limit > 0 && i > 0 && (width > limit || width > limit-2 && i < len(parts)-1) {
			b.WriteString("," + term.Ellipsis)
			break
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(p)
	}
	return b.String()
}

// indexRanges returns the indices of members of a group, with consecutive numbers
// as 0..3.
func indexRanges(steps []*plan.Step) []string {
	var parts []string
	first, last := -2, -2
	flush := func() {
		switch {
		case first < 0:
		case first == last:
			parts = append(parts, strconv.Itoa(first))
		default:
			parts = append(parts, fmt.Sprintf("%d..%d", first, last))
		}
		first, last = -2, -2
	}
	for _, s := range steps {
		which := s.Address.Index()
		n, err := strconv.Atoi(which)
		switch {
		case err != nil || n < 0 || strconv.Itoa(n) != which:
			flush()
			parts = append(parts, which)
		case n == last+1:
			last = n
		default:
			flush()
			first, last = n, n
		}
	}
	flush()
	return parts
}

// Members returns the addresses of the steps of an entry, in at most limit
// columns. 0 is no limit.
func (f *Entry) Members(limit int) string {
	var b strings.Builder
	left := f.Size()
	for i, g := range f.Groups {
		name := AddressRange(g, limit)
		if i > 0 {
			if limit > 0 && term.StringWidth(b.String())+term.StringWidth(name) > limit {
				fmt.Fprintf(&b, " and %d more", left)
				return b.String()
			}
			b.WriteString(", ")
		}
		b.WriteString(name)
		left -= len(g)
	}
	return b.String()
}
