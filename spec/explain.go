package spec

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// A Topic is what the reference says of one thing that a spec can say.
type Topic struct {
	Name    string   `json:"name"`              // such as sandbox.auto_stop_interval, or vars
	Doc     string   `json:"doc"`               // in sentences
	Value   string   `json:"value,omitempty"`   // what its value is, in words
	Allowed string   `json:"allowed,omitempty"` // which values it takes beyond that, in words
	Default string   `json:"default,omitempty"` // what the server gives to an object that is created without it
	Changed string   `json:"changed,omitempty"` // how a difference is put right, in words
	Shown   string   `json:"shown,omitempty"`   // where the value can be read, in words
	Secret  bool     `json:"secret,omitempty"`  // it is never printed
	Since   string   `json:"since,omitempty"`   // the first server that knows it
	Example string   `json:"example,omitempty"` // YAML
	With    string   `json:"with,omitempty"`    // YAML that the example needs beside it
	Topics  []*Topic `json:"topics,omitempty"`  // what is below it
}

// Reference is all that can be explained: the kinds of resources with their
// attributes, and the keys at the top of a spec.
func Reference() (kinds, keys []*Topic) {
	for _, kind := range referenceKinds {
		key := topLevel[slices.Index(names(topLevel), kind.Section())]
		t := &Topic{Name: string(kind), Doc: key.Doc, Example: key.Example}
		if kind == ImageKind {
			t.addKeys(key.Keys)
		}
		for _, a := range Tables[kind] {
			if a.Role != Derived {
				t.addAttribute(a)
			}
		}
		kinds = append(kinds, t)
	}
	for _, k := range topLevel {
		if sections[k.Name] == "" {
			keys = append(keys, k.topic(""))
		}
	}
	return kinds, keys
}

// topic is what there is to say of a key below another one.
func (k Key) topic(prefix string) *Topic {
	t := &Topic{Name: prefix + k.Name, Doc: k.Doc, Value: k.Type, Example: k.Example, With: k.With}
	t.addKeys(k.Keys)
	return t
}

func (t *Topic) addKeys(keys []Key) {
	for _, k := range keys {
		t.Topics = append(t.Topics, k.topic(t.Name+"."))
	}
}

// addAttribute adds an attribute to a kind's topic, below what it is nested in.
func (t *Topic) addAttribute(a *Attribute) {
	at := t
	if outer, _, nested := strings.Cut(a.Key, "."); nested {
		if at = t.find(outer); at == nil {
			at = &Topic{Name: t.Name + "." + outer, Doc: nestedKeyDocs[outer], Value: "mapping"}
			t.Topics = append(t.Topics, at)
		}
	}
	x := &Topic{
		Name: t.Name + "." + a.Key, Doc: a.Doc, Value: a.Type.Name, Allowed: a.AllowedText(), Changed: a.ChangeText(), Shown: a.VisibilityText(),
		Secret: a.Secret, Example: a.Example, With: a.With,
	}
	if a.Default != nil {
		x.Default = fmt.Sprint(a.Default)
	}
	if a.Since != (Version{}) {
		x.Since = a.Since.String()
	}
	x.addKeys(a.Type.Keys)
	at.Topics = append(at.Topics, x)
}

// BaseName is the last part of the topic's name.
func (t *Topic) BaseName() string { return t.Name[strings.LastIndexByte(t.Name, '.')+1:] }

func (t *Topic) find(name string) *Topic { return topicByName(t.Topics, name) }

func topicByName(topics []*Topic, name string) *Topic {
	i := slices.IndexFunc(topics, func(t *Topic) bool { return t.BaseName() == name })
	if i < 0 {
		return nil
	}
	return topics[i]
}

// indexPattern is what in a path picks an entry of a list, or a copy of a group.
var indexPattern = regexp.MustCompile(`\[[^\]]*\]`)

// Explain finds the topic of a path: a kind or a key, and what is below it. It
// also takes the paths of mistakes, such as sandboxes.web.volumes[2].subpath,
// and an attribute without its kind. The error says what is not known, and what
// may be meant.
func Explain(path string) (*Topic, error) {
	kinds, keys := Reference()
	all := slices.Concat(kinds, keys)
	parts := strings.Split(indexPattern.ReplaceAllString(path, ""), ".")
	for i, p := range parts {
		parts[i] = strings.TrimPrefix(p, appendPrefix)
	}
	parts = trimLayers(parts)
	first, rest := parts[0], parts[1:]
	if kind := sections[first]; kind != "" {
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

// trimLayers leaves out what a path says of the layer that a block is in, if it
// goes on below that.
func trimLayers(parts []string) []string {
	switch {
	case len(parts) > 2 && parts[0] == "environments":
		return trimLayers(parts[2:])
	case len(parts) > 2 && (parts[0] == "defaults" || parts[0] == "templates") && sections[parts[1]] != "":
		return parts[1:]
	}
	return parts
}

// inSection is what a path below a section stands for, with or without the key
// of a resource.
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
	case len(rest) == 1 && nearest(rest[0], baseNames(kind.Topics)) == "": // the key of a resource
		return kind, nil
	}
	return nil, err
}

// descend follows a path below the topic.
func (t *Topic) descend(rest []string) (*Topic, error) {
	for i, name := range rest {
		below := t.find(name)
		switch {
		case below == nil && i == 0 && t.hasFreeKeys() && nearest(name, baseNames(t.Topics)) == "":
			continue
		case below == nil:
			return nil, unknownTopic(name, t.Name, t.Topics)
		}
		t = below
	}
	return t, nil
}

// hasFreeKeys reports whether the keys below are names that the spec chooses.
func (t *Topic) hasFreeKeys() bool { return t.Name == "vars" || t.Name == "environments" }

func baseNames(topics []*Topic) []string {
	var list []string
	for _, t := range topics {
		list = append(list, t.BaseName())
	}
	return list
}

func unknownTopic(name, within string, known []*Topic) error {
	hint := DidYouMean(name, baseNames(known))
	switch {
	case hint != "":
	case within == "":
		hint = "fleet explain lists what there is"
	case len(known) == 0:
		hint = "there is nothing below it"
	default:
		hint = "there are " + strings.Join(baseNames(known), ", ")
	}
	if within == "" {
		return fmt.Errorf("there is no kind, key or attribute %q; %s", name, hint)
	}
	return fmt.Errorf("%s has no %q; %s", within, name, hint)
}
