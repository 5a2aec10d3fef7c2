package render

import (
	"fmt"
	"io"

	"fleet/plan"
)

// maxNamedTrials is how many trials of a plan are named.
const maxNamedTrials = 3

// writeTrials writes which sandboxes are tried before others with the same create
// request are replaced.
func writeTrials(w io.Writer, p *plan.Plan, s Style) {
	if head, text := trialText(p); text != "" {
		writeSentence(w, []span{{text: head + ":"}, {text: text + "."}}, s)
	}
}

// trialText returns a sentence about the trials of a plan and its heading; both
// are empty if there are none.
func trialText(p *plan.Plan) (head, text string) {
	list := p.Trials()
	if len(list) == 0 {
		return "", ""
	}
	if len(list) == 1 {
		first, n := list[0].First, list[0].Waiting
		return "Trial", fmt.Sprintf("%s is %s first; %s with the same create request %s for it",
			printable(first.Address.String()), first.Action.PastTense(), count(n, "replacement"), plan.PluralWord(n, "waits", "wait"))
	}
	waiting := 0
	var names []string
	for _, t := range list {
		waiting += t.Waiting
		if len(names) < maxNamedTrials {
			names = append(names, printable(t.First.Address.String()))
		}
	}
	if more := len(list) - len(names); more > 0 {
		names = append(names, fmt.Sprintf("%d more", more))
	}
	return "Trials", fmt.Sprintf("%s come first; %d replacements with the same create requests wait for them", plan.JoinAnd(names), waiting)
}
