package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/internal/render/term"
	"fleet/plan"
)

// A resultEntry is the result of a step, or of several that ended the same way.
type resultEntry struct {
	apply.Result                // of the first step
	steps        []*plan.Step   // all of them
	groups       [][]*plan.Step // the steps by their group
	reason       string         // empty if the step was done
	maxDuration  time.Duration  // of the slowest step; Duration is that of the fastest
}

// resultEntries returns entries for results, each at the place of its first one.
// Steps with the same outcome, state and reason share an entry. With perGroup each
// group has its own entries, and with full each step has.
func resultEntries(results []apply.Result, perGroup, full bool) []*resultEntry {
	var list []*resultEntry
	index := map[string]*resultEntry{}
	for _, x := range results {
		reason, normalized := "", ""
		if x.Outcome != apply.Done {
			reason = term.CleanLines(OutcomeReason(x.Outcome, x.Err))
			normalized = NormalizedReason(reason, x.Step, x.ID)
		}
		key := strings.Join([]string{string(x.Outcome), x.State, string(x.Step.Address.Kind), x.Step.Action.String(), normalized}, "\x00")
		if perGroup {
			key += "\x00" + x.Step.Address.GroupAddress().Key
		}
		e := index[key]
		if e == nil || full {
			e = &resultEntry{Result: x, reason: reason, maxDuration: x.Duration}
			index[key] = e
			list = append(list, e)
		}
		if e.reason != reason {
			e.reason = strings.ReplaceAll(normalized, ownNameMark, term.Ellipsis)
		}
		e.steps = append(e.steps, x.Step)
		e.Duration, e.maxDuration = min(e.Duration, x.Duration), max(e.maxDuration, x.Duration)
	}
	for _, e := range list {
		e.groups = byGroup(e.steps)
	}
	return list
}

// notDone returns the results of steps that were not done.
func notDone(results []apply.Result) []apply.Result {
	return slices.DeleteFunc(slices.Clone(results), func(x apply.Result) bool { return x.Outcome == apply.Done })
}

// requestIDSuffix matches the id of the failed request in an error.
var requestIDSuffix = regexp.MustCompile(` \[request [^\]]*\]`)

// NormalizedReason returns a reason with marks in place of the names and ids of
// its step. Steps with equal results failed for the same reason.
func NormalizedReason(reason string, s *plan.Step, id string) string {
	reason = requestIDSuffix.ReplaceAllString(reason, "")
	old := ""
	if s.Have != nil {
		old = s.Have.Name
	}
	for _, own := range []string{s.Address.String(), id, s.ID, s.Name, old, s.Address.Key} {
		reason = replaceWord(reason, own, ownNameMark)
	}
	return reason
}

// replaceWord replaces whole words: web, but not a part of website or web-1.
func replaceWord(text, word, by string) string {
	if word == "" || !strings.Contains(text, word) {
		return text
	}
	var b strings.Builder
	last := byte(' ')
	for {
		i := strings.Index(text, word)
		if i < 0 {
			b.WriteString(text)
			return b.String()
		}
		if i > 0 {
			last = text[i-1]
		}
		next := byte(' ')
		if end := i + len(word); end < len(text) {
			next = text[end]
		}
		b.WriteString(text[:i])
		if isWordByte(last) || isWordByte(next) {
			b.WriteString(word)
		} else {
			b.WriteString(by)
		}
		last, text = word[len(word)-1], text[i+len(word):]
	}
}

func isWordByte(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// OutcomeReason returns why a step has its outcome.
func OutcomeReason(outcome apply.Phase, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case outcome == apply.RolledBack:
		return "restored to its previous state"
	}
	return "unknown reason"
}

// maxTitleLineWidth is the maximum width in columns of the names of several steps
// in a title.
const maxTitleLineWidth = 60

// title returns the names of the steps, or their number if the names are too long;
// members then has the names.
func (e *resultEntry) title() (title, members string) {
	if len(e.groups) == 1 {
		if title = addressRange(e.steps, 0); len(e.steps) == 1 || term.StringWidth(title) <= maxTitleLineWidth {
			return title, ""
		}
	}
	return e.countText(), e.members(maxTextWidth)
}

// countText returns the number of steps with their kind.
func (e *resultEntry) countText() string {
	kind := e.Step.Address.Kind
	return plan.FormatInt(len(e.steps)) + " " + plan.PluralWord(len(e.steps), string(kind), kind.Section())
}

// members returns the names of the steps, in at most limit columns.
func (e *resultEntry) members(limit int) string {
	f := planEntry{Step: e.steps[0], steps: e.steps, groups: e.groups}
	return f.members(limit)
}

// stateNote returns the last state of the object, or "" if it is not known or the
// error has it.
func (e *resultEntry) stateNote() string {
	if e.State == "" || e.Err != nil && strings.Contains(e.Err.Error(), e.State) {
		return ""
	}
	return fmt.Sprintf("left in state %s", term.Printable(e.State))
}
