// Package specdoc explains the spec language from the tables of attributes: as topics
// for the reference and fleet explain, and as a JSON Schema.
package specdoc

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"fleet/internal/suggest"
	"fleet/spec"
)

// A Topic is the documentation of a kind, an attribute or a key of a spec.
type Topic struct {
	Name    string   `json:"name"`              // such as sandbox.auto_stop_interval, or vars
	Doc     string   `json:"doc"`               // in sentences
	Value   string   `json:"value,omitempty"`   // type of the value, in words
	Allowed string   `json:"allowed,omitempty"` // which values of the type are allowed, in words
	Default string   `json:"default,omitempty"` // value that the server sets if the spec sets none at creation
	Changed string   `json:"changed,omitempty"` // how a change is applied, in words
	Shown   string   `json:"shown,omitempty"`   // where the value can be read, in words
	Secret  bool     `json:"secret,omitempty"`  // it is never printed
	Since   string   `json:"since,omitempty"`   // the first version of the server that supports it
	Example string   `json:"example,omitempty"` // YAML
	With    string   `json:"with,omitempty"`    // YAML that the example also needs
	Topics  []*Topic `json:"topics,omitempty"`  // keys below it
}

// Reference returns all topics: the kinds of resources with their attributes, and the
// top-level keys of a spec.
func Reference() (kinds, keys []*Topic) {
	for _, kind := range spec.ReferenceKinds {
		key := spec.TopLevel[slices.IndexFunc(spec.TopLevel, func(k spec.Key) bool { return k.Name == kind.Section() })]
		t := &Topic{Name: string(kind), Doc: key.Doc, Example: key.Example}
		for _, a := range spec.Tables[kind] {
			if a.Role != spec.Derived {
				t.addAttribute(a)
			}
		}
		kinds = append(kinds, t)
	}
	for _, k := range spec.TopLevel {
		if kindOfSection(k.Name) == "" {
			keys = append(keys, keyTopic(k, ""))
		}
	}
	return kinds, keys
}

// kindOfSection returns the kind of a section such as sandboxes, or "" if there is
// no such section.
func kindOfSection(section string) spec.Kind {
	i := slices.IndexFunc(spec.ReferenceKinds, func(k spec.Kind) bool { return k.Section() == section })
	if i < 0 {
		return ""
	}
	return spec.ReferenceKinds[i]
}

// keyTopic returns the topic of a key below the prefix.
func keyTopic(k spec.Key, prefix string) *Topic {
	t := &Topic{Name: prefix + k.Name, Doc: k.Doc, Value: k.Type, Example: k.Example, With: k.With}
	t.addKeys(k.Keys)
	return t
}

// addKeys adds topics for keys below t.
func (t *Topic) addKeys(keys []spec.Key) {
	for _, k := range keys {
		t.Topics = append(t.Topics, keyTopic(k, t.Name+"."))
	}
}

// addAttribute adds an attribute to the topic of its kind, below the key that it is
// nested in.
func (t *Topic) addAttribute(a *spec.Attribute) {
	at := t
	if outer, _, nested := strings.Cut(a.Key, "."); nested {
		if at = t.find(outer); at == nil {
			at = &Topic{Name: t.Name + "." + outer, Doc: nestedKeyDocs[outer], Value: "mapping"}
			t.Topics = append(t.Topics, at)
		}
	}
	x := &Topic{
		Name: t.Name + "." + a.Key, Doc: a.Doc, Value: a.Type.Name, Allowed: allowedText(a), Changed: changeText(a), Shown: visibilityText(a),
		Secret: a.Secret, Example: a.Example, With: a.With,
	}
	if a.Default != nil {
		x.Default = fmt.Sprint(a.Default)
	}
	if a.Since != (spec.Version{}) {
		x.Since = a.Since.String()
	}
	x.addKeys(a.Type.Keys)
	at.Topics = append(at.Topics, x)
}

// BaseName returns the last part of the topic's name.
func (t *Topic) BaseName() string { return t.Name[strings.LastIndexByte(t.Name, '.')+1:] }

// find returns the topic with that base name below t, or nil.
func (t *Topic) find(name string) *Topic { return topicByName(t.Topics, name) }

// topicByName returns the topic with that base name, or nil.
func topicByName(topics []*Topic, name string) *Topic {
	i := slices.IndexFunc(topics, func(t *Topic) bool { return t.BaseName() == name })
	if i < 0 {
		return nil
	}
	return topics[i]
}

// indexPattern matches the index of a list item or of a copy of a group in a path.
var indexPattern = regexp.MustCompile(`\[[^\]]*\]`)

// Explain returns the topic of a path: a kind or a key, and names below it. It also
// accepts the paths of diagnostics, such as sandboxes.web.volumes[2].subpath, and
// attributes without their kind. The error suggests a name for an unknown one.
func Explain(path string) (*Topic, error) {
	kinds, keys := Reference()
	all := slices.Concat(kinds, keys)
	parts := strings.Split(indexPattern.ReplaceAllString(path, ""), ".")
	for i, p := range parts {
		parts[i] = strings.TrimPrefix(p, spec.AppendPrefix)
	}
	parts = trimLayers(parts)
	first, rest := parts[0], parts[1:]
	if kind := kindOfSection(first); kind != "" {
		return inSection(topicByName(kinds, string(kind)), rest)
	}
	if t := topicByName(all, first); t != nil {
		return t.descend(rest)
	}
	for _, kind := range kinds {
		for _, t := range slices.Concat([]*Topic{kind}, kind.Topics) {
			if t := t.find(first); t != nil {
				return t.descend(rest)
			}
		}
	}
	return nil, unknownTopic(first, "", slices.Concat(all, kinds[0].Topics))
}

// trimLayers removes the environment, defaults or templates that a path begins with, if
// it continues below them.
func trimLayers(parts []string) []string {
	switch {
	case len(parts) > 2 && parts[0] == "environments":
		return trimLayers(parts[2:])
	case len(parts) > 2 && (parts[0] == "defaults" || parts[0] == "templates") && kindOfSection(parts[1]) != "":
		return parts[1:]
	}
	return parts
}

// inSection returns the topic of a path below a section, with or without the key of a
// resource.
func inSection(kind *Topic, rest []string) (*Topic, error) {
	if len(rest) == 0 {
		return kind, nil
	}
	t, err := kind.descend(rest)
	switch {
	case err == nil:
		return t, nil
	case len(rest) > 1 && kind.find(rest[0]) == nil:
		return kind.descend(rest[1:])
	case len(rest) == 1 && suggest.Nearest(rest[0], baseNames(kind.Topics)) == "": // it is the key of a resource
		return kind, nil
	}
	return nil, err
}

// descend returns the topic of a path below t.
func (t *Topic) descend(rest []string) (*Topic, error) {
	for i, name := range rest {
		below := t.find(name)
		switch {
		case below == nil && i == 0 && t.hasFreeKeys() && suggest.Nearest(name, baseNames(t.Topics)) == "":
			continue
		case below == nil:
			return nil, unknownTopic(name, t.Name, t.Topics)
		}
		t = below
	}
	return t, nil
}

// hasFreeKeys reports whether the keys below t are names that a spec chooses.
func (t *Topic) hasFreeKeys() bool { return t.Name == "vars" || t.Name == "environments" }

// baseNames returns the base names of topics.
func baseNames(topics []*Topic) []string {
	var list []string
	for _, t := range topics {
		list = append(list, t.BaseName())
	}
	return list
}

// unknownTopic returns the error for an unknown name, with a suggestion.
func unknownTopic(name, within string, known []*Topic) error {
	hint := suggest.DidYouMean(name, baseNames(known))
	switch {
	case hint != "":
	case within == "":
		hint = "run `fleet explain` for a list"
	case len(known) == 0:
		hint = "it has no keys"
	default:
		hint = "its keys are " + strings.Join(baseNames(known), ", ")
	}
	if within == "" {
		return fmt.Errorf("there is no kind, key or attribute %q; %s", name, hint)
	}
	return fmt.Errorf("%s has no %q; %s", within, name, hint)
}
