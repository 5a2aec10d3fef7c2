package selection

import (
	"cmp"
	"fmt"
	"path"
	"strings"

	"fleet/internal/exit"
	"fleet/internal/suggest"
	"fleet/plan"
)

// A SandboxSelector selects sandboxes by name, by a pattern of names, or by
// labels.
type SandboxSelector struct {
	text    string
	labels  map[string]string // nil for names
	matched bool              // has selected a sandbox
}

// SandboxSelectors are the arguments of a command. A sandbox is selected if any
// of them selects it.
type SandboxSelectors []SandboxSelector

// ParseSandboxSelectors reads arguments such as web, agent-* and team=a,stage=dev.
func ParseSandboxSelectors(args []string) (SandboxSelectors, error) {
	list := make(SandboxSelectors, len(args))
	for i, text := range args {
		list[i].text = text
		if !strings.Contains(text, "=") {
			if _, err := path.Match(text, ""); err != nil {
				return nil, exit.Invalidf("invalid pattern %q; write one such as agent-*", text)
			}
			continue
		}
		labels, err := ParseLabels(text)
		if err != nil {
			return nil, err
		}
		list[i].labels = labels
	}
	return list, nil
}

// ParseLabels reads labels with their values, such as team=a,stage=dev.
func ParseLabels(text string) (map[string]string, error) {
	labels := map[string]string{}
	for _, pair := range strings.Split(text, ",") {
		k, v, ok := strings.Cut(pair, "=")
		if !ok || k == "" {
			return nil, exit.Invalidf("%s: write labels with their values, such as team=a,stage=dev", text)
		}
		labels[k] = v
	}
	return labels, nil
}

// Matches reports whether a sandbox is selected, and whether by its full name.
func (list SandboxSelectors) Matches(o *plan.Object) (named, selected bool) {
	for i := range list {
		full, matches := list[i].matches(o)
		list[i].matched = list[i].matched || matches
		named, selected = named || full, selected || matches
	}
	return named, selected
}

// matches reports whether the selector selects a sandbox, and whether by its
// full name.
func (s *SandboxSelector) matches(o *plan.Object) (named, selected bool) {
	if s.labels == nil {
		pattern, _ := path.Match(s.text, o.Name) // ParseSandboxSelectors has checked it
		return s.text == o.Name, pattern || s.text == o.Name
	}
	for k, v := range s.labels {
		if have, ok := o.Labels[k]; !ok || have != v {
			return false, false
		}
	}
	return false, true
}

// UnmatchedError returns an error for the first selector that has not selected
// any of the sandboxes, or nil.
func (list SandboxSelectors) UnmatchedError(sandboxes []*plan.Object) error {
	for _, s := range list {
		if !s.matched {
			return exit.Invalidf("%s", s.unmatchedText(sandboxes))
		}
	}
	return nil
}

func (s *SandboxSelector) unmatchedText(sandboxes []*plan.Object) string {
	const listAll = "run `fleet status --all` to list all sandboxes"
	if s.labels != nil {
		return fmt.Sprintf("no sandbox has the labels %s; %s", s.text, listAll)
	}
	names := make([]string, len(sandboxes))
	for i, o := range sandboxes {
		names[i] = o.Name
	}
	return fmt.Sprintf("sandbox %q not found; %s", s.text, cmp.Or(suggest.DidYouMean(s.text, names), listAll))
}
