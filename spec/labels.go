package spec

import (
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Labels of a sandbox in which fleet keeps what it must remember. There are no
// dots in them: the server's search index splits keys at dots.
const (
	labelPrefix = "fleet-"

	FleetLabel   = "fleet-name"    // the fleet that owns the sandbox
	KeyLabel     = "fleet-key"     // its key in the spec, such as worker[3]
	SealLabel    = "fleet-seal"    // digests of what lists do not show
	KeysLabel    = "fleet-labels"  // the user's labels that the spec set
	ProtectLabel = "fleet-protect" // "true": never delete or replace
	RemoveLabel  = "fleet-remove"  // what to do when the spec no longer names it
	SelfLabel    = "fleet-self"    // digest of the name that the labels were made for: forks copy labels

	// LanguageLabel is where Daytona's SDKs look for the language of a sandbox.
	LanguageLabel = "code-toolbox-language"
)

// Labels returns the labels that a sandbox of the fleet carries, merged into
// those that it has: labels that others set are kept, those that the spec set
// earlier and no longer names are dropped.
func (r *Resource) Labels(fleet string, have map[string]string) map[string]string {
	labels := maps.Clone(have)
	if labels == nil {
		labels = map[string]string{}
	}
	own, managed := r.Attrs[labelsRow].(map[string]string)
	for _, k := range remembered(have) {
		delete(labels, k)
	}
	maps.Copy(labels, own)
	for _, a := range Tables[r.Kind] {
		v, ok := r.Attrs[a]
		if !ok || a.Label == "" {
			continue
		}
		if s := toLabel(v); s != "" {
			labels[a.Label] = s
		} else {
			delete(labels, a.Label)
		}
	}
	set(labels, FleetLabel, fleet)
	set(labels, KeyLabel, r.Key)
	set(labels, SelfLabel, self(r.Name()))
	set(labels, SealLabel, r.seal())
	if managed {
		set(labels, KeysLabel, remember(own))
	} else {
		delete(labels, KeysLabel)
	}
	return labels
}

// Copied reports whether the labels were made for a sandbox of another name.
// Labels that do not tell are taken to be the sandbox's own.
func Copied(labels map[string]string, name string) bool {
	made := labels[SelfLabel]
	return made != "" && made != self(name)
}

func self(name string) string { return digest(name)[:10] }

func set(labels map[string]string, key, value string) {
	if value == "" {
		delete(labels, key)
		return
	}
	labels[key] = value
}

// remember is the value of KeysLabel.
func remember(own map[string]string) string {
	keys := slices.Sorted(maps.Keys(own))
	for i, k := range keys {
		keys[i] = url.QueryEscape(k)
	}
	return strings.Join(keys, ",")
}

// remembered is the reverse of remember.
func remembered(labels map[string]string) []string {
	var keys []string
	for _, s := range strings.Split(labels[KeysLabel], ",") {
		if k, err := url.QueryUnescape(s); err == nil && k != "" && !strings.HasPrefix(k, labelPrefix) {
			keys = append(keys, k)
		}
	}
	return keys
}

// toLabel is a value as the text of a label; "" is no label.
func toLabel(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "true"
		}
	}
	return ""
}

// fromLabel is the reverse of toLabel for a value of the type.
func fromLabel(t Type, s string) any {
	if _, isFlag := t.Absent.(bool); isFlag {
		return s == "true"
	}
	if s == "" {
		return t.Absent
	}
	return s
}
