package steps

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

// A ResultEntry is the result of a step, or of several that ended the same way.
type ResultEntry struct {
	apply.Result                // of the first step
	Steps        []*plan.Step   // all of them
	Groups       [][]*plan.Step // the steps by their group
	Reason       string         // empty if the step was done
	MaxDuration  time.Duration  // of the slowest step; Duration is that of the fastest
}

// ResultEntries returns entries for results, each at the place of its first one.
// Steps with the same outcome, state and reason share an entry. With perGroup each
// group has its own entries, and with full each step has.
func ResultEntries(results []apply.Result, perGroup, full bool) []*ResultEntry {
	var list []*ResultEntry
	index := map[string]*ResultEntry{}
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
			e = &ResultEntry{Result: x, Reason: reason, MaxDuration: x.Duration}
			index[key] = e
			list = append(list, e)
		}
		if e.Reason != reason {
			e.Reason = strings.ReplaceAll(normalized, ownNameMark, term.Ellipsis)
		}
		e.Steps = append(e.Steps, x.Step)
		e.Duration, e.MaxDuration = min(e.Duration, x.Duration), max(e.MaxDuration, x.Duration)
	}
	for _, e := range list {
		e.Groups = byGroup(e.Steps)
	}
	return list
}

// NotDone returns the results of steps that were not done.
func NotDone(results []apply.Result) []apply.Result {
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

// MaxTitleLineWidth is the maximum width in columns of the names of several steps
// in a title.
const MaxTitleLineWidth = 60

// Names returns the names of the steps, or their number if the names are too long;
// members then has the names.
func (e *ResultEntry) Names() (title, members string) {
	if len(e.Groups) == 1 {
		if title = AddressRange(e.Steps, 0); len(e.Steps) == 1 || term.StringWidth(title) <= MaxTitleLineWidth {
			return title, ""
		}
	}
	return e.countText(), e.Members(maxNamesWidth)
}

// countText returns the number of steps with their kind.
func (e *ResultEntry) countText() string {
	kind := e.Step.Address.Kind
	return plan.FormatInt(len(e.Steps)) + " " + plan.PluralWord(len(e.Steps), string(kind), kind.Section())
}

// Members returns the names of the steps, in at most limit columns.
func (e *ResultEntry) Members(limit int) string {
	f := Entry{Step: e.Steps[0], Steps: e.Steps, Groups: e.Groups}
	return f.Members(limit)
}

// StateNote returns the last state of the object, or "" if it is not known or the
// error has it.
func (e *ResultEntry) StateNote() string {
	if e.State == "" || e.Err != nil && strings.Contains(e.Err.Error(), e.State) {
		return ""
	}
	return fmt.Sprintf("left in state %s", term.Printable(e.State))
}
