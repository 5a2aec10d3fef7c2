package specdoc

import (
	"fmt"
	"strings"

	"fleet/spec"
)

// referenceText returns the documentation of an attribute with its default and the
// server versions that support it.
func referenceText(a *spec.Attribute) string {
	s := a.Doc
	if a.Default != nil {
		s += fmt.Sprintf(" The server's default is %v.", a.Default)
	}
	if a.Since != (spec.Version{}) {
		s += fmt.Sprintf(" Requires server %s or newer.", a.Since)
	}
	return s
}

// changeText describes how fleet applies a change of the attribute.
func changeText(a *spec.Attribute) string {
	switch {
	case a.Role == spec.Part:
		return "by another build, which replaces the snapshots and sandboxes that use the image"
	case a.Role == spec.Option:
		return "only in fleet; nothing is sent to the server"
	case a.CreateOnly:
		return "when the object is next created"
	case a.Label != "" || a.MergesKeys:
		return "in place"
	case a.Change.Path == "" && !a.Change.Upload:
		return "by replacement"
	case a.Change.Rule != "":
		return "in place: " + a.Change.Rule
	}
	return "in place"
}

// visibilityText describes where the value can be read.
func visibilityText(a *spec.Attribute) string {
	const digestNote = "; a digest is kept in the label " + spec.FingerprintLabel
	where := map[spec.Visibility]string{
		spec.InLists:      "in the lists of the server",
		spec.InListsSince: fmt.Sprintf("in single objects, and in the lists of servers since %s", spec.InListsSinceVersion),
		spec.InPages:      "in single objects, and in the numbered lists of servers before 0.220",
		spec.InDetail:     "only in single objects",
		spec.NeverShown:   "nowhere",
	}
	switch {
	case a.Role == spec.Part:
		return "as a part of the Dockerfile in single objects"
	case a.Label != "":
		return "in the label " + a.Label
	case a.Visibility == spec.NotInAnyField:
		return "only in the spec: it configures fleet"
	case a.FingerprintLetter != 0:
		return where[a.Visibility] + digestNote
	}
	return where[a.Visibility]
}

// allowedText describes which values of its type the attribute accepts. It is empty if
// it accepts all.
func allowedText(a *spec.Attribute) string {
	var rules []string
	if a.Check != nil {
		rules = append(rules, a.Check.Rule)
	}
	if v := strings.Join(a.Type.Values, ", "); !strings.Contains(a.Type.Name, v) {
		rules = append(rules, "of "+v)
	}
	return strings.Join(rules, ", ")
}
