package progress

import (
	"io"
	"slices"
	"strings"

	"fleet/internal/render/steps"
	"fleet/plan"
	"fleet/spec"
)

// Limits of folded lines.
const (
	maxBurstWidth = 400 // columns of the addresses in a line
	maxBurstLines = 5   // steps of a group, or groups, with a line each; more share one
)

// A burst folds lines that differ only in their addresses: the end of a run stops all its
// steps at once. The zero burst is empty.
type burst struct{ lines []*burstLine }

// A burstLine is one line about several steps.
type burstLine struct {
	before, after string // the text around the addresses
	steps         []*plan.Step
}

// announce adds a line without a step.
func (b *burst) announce(text string) { b.lines = append(b.lines, &burstLine{before: text}) }

// add adds the line of a step.
func (b *burst) add(before string, s *plan.Step, after string) {
	i := slices.IndexFunc(b.lines, func(l *burstLine) bool { return l.before == before && l.after == after })
	if i < 0 {
		i = len(b.lines)
		b.lines = append(b.lines, &burstLine{before: before, after: after})
	}
	b.lines[i].steps = append(b.lines[i].steps, s)
}

// flush writes the lines at once. An error of writing loses only progress.
func (b *burst) flush(w io.Writer) {
	var text strings.Builder
	for _, l := range b.lines {
		if len(l.steps) == 0 {
			text.WriteString(l.before + "\n")
		}
		for _, addresses := range foldAddresses(l.steps) {
			text.WriteString(l.before + addresses + l.after + "\n")
		}
	}
	b.lines = nil
	if text.Len() > 0 {
		_, _ = io.WriteString(w, text.String())
	}
}

// foldAddresses returns the addresses of steps, with those of a large group as ranges: a
// text for each address or group, or one for all groups if there are many.
func foldAddresses(list []*plan.Step) []string {
	var groups [][]*plan.Step
	index := map[spec.Address]int{}
	for _, s := range list {
		g := s.Address.GroupAddress()
		i, known := index[g]
		if !known {
			i = len(groups)
			index[g], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], s)
	}
	for _, g := range groups {
		slices.SortFunc(g, func(a, b *plan.Step) int { return spec.CompareKeys(a.Address.Key, b.Address.Key) })
	}
	if len(groups) > maxBurstLines {
		e := steps.Entry{Steps: list, Groups: groups}
		return []string{e.Members(maxBurstWidth)}
	}
	var lines []string
	for _, g := range groups {
		if len(g) > maxBurstLines {
			lines = append(lines, steps.AddressRange(g, maxBurstWidth))
			continue
		}
		for _, s := range g {
			lines = append(lines, s.Address.String())
		}
	}
	return lines
}
