package render

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"fleet/apply"
	"fleet/plan"
)

// An ending is how a step ended, or several that ended alike.
type ending struct {
	apply.Result                // the first
	steps        []*plan.Step   // of all
	groups       [][]*plan.Step // the same by the group that they are copies of
	reason       string         // empty for what is done
	most         time.Duration  // that one of them took; Took is the least
}

// endings are results that tell of the same thing together, at the place of the
// first: what ended alike, in the same state, for the same reason; apart leaves
// each group by itself, and full each step.
func endings(results []apply.Result, apart, full bool) []*ending {
	var list []*ending
	index := map[string]*ending{}
	for _, x := range results {
		reason, alike := "", ""
		if x.Outcome != apply.Done {
			reason = paragraph(reasonOf(x.Outcome, x.Err))
			alike = likeness(reason, x.Step, x.ID)
		}
		key := strings.Join([]string{string(x.Outcome), x.State, string(x.Step.Address.Kind), x.Step.Action.String(), alike}, "\x00")
		if apart {
			key += "\x00" + x.Step.Address.Whole().Key
		}
		e := index[key]
		if e == nil || full {
			e = &ending{Result: x, reason: reason, most: x.Took}
			index[key] = e
			list = append(list, e)
		}
		if e.reason != reason {
			e.reason = strings.ReplaceAll(alike, unnamedMark, ellipsis)
		}
		e.steps = append(e.steps, x.Step)
		e.Took, e.most = min(e.Took, x.Took), max(e.most, x.Took)
	}
	for _, e := range list {
		e.groups = byGroup(e.steps)
	}
	return list
}

// undone are the results of what was not done.
func undone(results []apply.Result) []apply.Result {
	return slices.DeleteFunc(slices.Clone(results), func(x apply.Result) bool { return x.Outcome == apply.Done })
}

// requested is how an error names the request that failed: no two are of one.
var requested = regexp.MustCompile(` \[request [^\]]*\]`)

// likeness is a reason with a mark in the places of what is a step's own: two
// steps with the same likeness have the same to tell.
func likeness(reason string, s *plan.Step, id string) string {
	reason = requested.ReplaceAllString(reason, "")
	old := ""
	if s.Have != nil {
		old = s.Have.Name
	}
	for _, own := range []string{s.Address.String(), id, s.ID, s.Name, old, s.Address.Key} {
		reason = replaceWord(reason, own, unnamedMark)
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
		if ofWord(last) || ofWord(next) {
			b.WriteString(word)
		} else {
			b.WriteString(by)
		}
		last, text = word[len(word)-1], text[i+len(word):]
	}
}

func ofWord(c byte) bool {
	return c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0x80
}

// reasonOf is why a step ended as it did.
func reasonOf(outcome apply.Phase, err error) string {
	switch {
	case err != nil:
		return err.Error()
	case outcome == apply.RolledBack:
		return "it is again as it was"
	}
	return "no reason is known"
}

// wideTitles is how wide the names of several steps may be to stand on one line
// with what is told of them.
const wideTitles = 60

// title names the steps. Where that takes long they are counted, and named by
// members.
func (e *ending) title() (title, members string) {
	if len(e.groups) == 1 {
		if title = copies(e.steps, 0); len(e.steps) == 1 || cells(title) <= wideTitles {
			return title, ""
		}
	}
	return e.counted(), e.members(wideText)
}

// counted is how many there are of which kind.
func (e *ending) counted() string {
	kind := e.Step.Address.Kind
	return plan.Grouped(len(e.steps)) + " " + plan.Agree(len(e.steps), string(kind), kind.Section())
}

// members names all steps, as far as they fit into a limit of columns.
func (e *ending) members(limit int) string {
	f := fold{Step: e.steps[0], steps: e.steps, groups: e.groups}
	return f.members(limit)
}

// left is in which state the object was left, where that is known and the error
// does not say it.
func (e *ending) left() string {
	if e.State == "" || e.Err != nil && strings.Contains(e.Err.Error(), e.State) {
		return ""
	}
	return fmt.Sprintf("left in state %s", printable(e.State))
}
