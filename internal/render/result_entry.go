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

// An ending is how a step ended, or several that ended alike.
type resultEntry struct {
	apply.Result                // the first
	steps        []*plan.Step   // of all
	groups       [][]*plan.Step // the same by the group that they are copies of
	reason       string         // empty for what is done
	maxDuration  time.Duration  // that one of them took; Took is the least
}

// resultEntries are results that tell of the same thing together, at the place of the
// first: what ended alike, in the same state, for the same reason; apart leaves
// each group by itself, and full each step.
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

// notDone are the results of what was not done.
func notDone(results []apply.Result) []apply.Result {
	return slices.DeleteFunc(slices.Clone(results), func(x apply.Result) bool { return x.Outcome == apply.Done })
}

// requestIDSuffix is how an error names the request that failed: no two are of one.
var requestIDSuffix = regexp.MustCompile(` \[request [^\]]*\]`)

// normalizedReason is a reason with a mark in the places of what is a step's own: two
// steps with the same likeness have the same to tell.
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

// replaceWord replaces a word wherever it stands by itself: web is no part of
// website or web-1.
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

// outcomeReason is why a step ended as it did.
func OutcomeReason(outcome apply.Phase, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case outcome == apply.RolledBack:
		return "it is again as it was"
	}
	return "no reason is known"
}

// maxTitleLineWidth is how wide the names of several steps may be to stand on one line
// with what is told of them.
const maxTitleLineWidth = 60

// title names the steps. Where that takes long they are counted, and named by
// members.
func (e *resultEntry) title() (title, members string) {
	if len(e.groups) == 1 {
		if title = addressRange(e.steps, 0); len(e.steps) == 1 || term.StringWidth(title) <= maxTitleLineWidth {
			return title, ""
		}
	}
	return e.countText(), e.members(maxTextWidth)
}

// countText is how many there are of which kind.
func (e *resultEntry) countText() string {
	kind := e.Step.Address.Kind
	return plan.FormatInt(len(e.steps)) + " " + plan.PluralWord(len(e.steps), string(kind), kind.Section())
}

// members names all steps, as far as they fit into a limit of columns.
func (e *resultEntry) members(limit int) string {
	f := planEntry{Step: e.steps[0], steps: e.steps, groups: e.groups}
	return f.members(limit)
}

// stateNote is in which state the object was left, where that is known and the error
// does not say it.
func (e *resultEntry) stateNote() string {
	if e.State == "" || e.Err != nil && strings.Contains(e.Err.Error(), e.State) {
		return ""
	}
	return fmt.Sprintf("left in state %s", term.Printable(e.State))
}
