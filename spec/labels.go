package spec

import (
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Labels of a sandbox in which fleet keeps what it must remember. There are no
// dots in them: the server's search index splits keys at dots.
const (
	labelPrefix = "fleet-"

	FleetLabel         = "fleet-name"    // the fleet that owns the sandbox
	KeyLabel           = "fleet-key"     // its key in the spec, such as worker[3]
	FingerprintLabel   = "fleet-seal"    // digests of what lists do not show
	ManagedLabelsLabel = "fleet-labels"  // the user's labels that the spec set
	ProtectLabel       = "fleet-protect" // "true": never delete or replace
	RemoveLabel        = "fleet-remove"  // what to do when the spec no longer names it
	NameDigestLabel    = "fleet-self"    // digest of the name that the labels were made for: forks copy labels

	// EnvironmentLabel is the environment of the spec that the sandbox was last
	// labelled for. A sandbox without it may be of any.
	EnvironmentLabel = "fleet-environment"

	PendingLabel = "fleet-pending" // what is yet to be done after the creation: ready, after_create

	// LeaseLabel is where who uses a sandbox says, in RFC 3339, until when it must
	// not be collected. Fleet reads it and never writes it.
	LeaseLabel = "fleet-lease"

	// LanguageLabel is where Daytona's SDKs look for the language of a sandbox.
	LanguageLabel = "code-toolbox-language"
)

// Labels returns the labels that a sandbox of the fleet carries, merged into
// those that it has: labels that others set are kept, those that the spec set
// earlier and no longer names are dropped. Of a sandbox that is to be created
// have is nil; of any other, what the resource ignores stays as it is.
func (r *Resource) Labels(fleet string, have map[string]string) map[string]string {
	labels := maps.Clone(have)
	if labels == nil {
		labels = map[string]string{}
	}
	own, _ := r.attrs[labelsRow].(map[string]string)
	setLabel(labels, ManagedLabelsLabel, r.mergeLabels(labels, own, have))
	for _, a := range Tables[r.Kind] {
		v, ok := r.attrs[a]
		if !ok || a.Label == "" || have != nil && r.ignoresAttr(a) {
			continue
		}
		if s := toLabel(v); s != "" {
			labels[a.Label] = s
		} else {
			delete(labels, a.Label)
		}
	}
	setLabel(labels, FleetLabel, fleet)
	setLabel(labels, KeyLabel, r.Key)
	setLabel(labels, EnvironmentLabel, r.environment)
	setLabel(labels, NameDigestLabel, nameDigest(r.Name()))
	setLabel(labels, FingerprintLabel, r.labelFingerprint(have))
	if have == nil {
		setLabel(labels, PendingLabel, r.pending())
	}
	return labels
}

// pending is what follows the creation of the sandbox, in words for a label.
func (r *Resource) pending() string {
	var parts []string
	if r.ReadinessProbe() != nil {
		parts = append(parts, "ready")
	}
	if r.AfterCreate() != nil {
		parts = append(parts, "after_create")
	}
	return strings.Join(parts, ",")
}

// WithPending returns labels with the mark of what follows the creation.
func (r *Resource) WithPending(labels map[string]string) map[string]string {
	marked := maps.Clone(labels)
	setLabel(marked, PendingLabel, r.pending())
	return marked
}

// HasPostCreate reports whether something follows the creation of the sandbox: a
// check that it is ready, or a hook.
func (r *Resource) HasPostCreate() bool { return r.AfterCreate() != nil || r.ReadinessProbe() != nil }

// WithoutPending returns labels without the mark of what is yet to be done.
func WithoutPending(labels map[string]string) map[string]string {
	rest := maps.Clone(labels)
	delete(rest, PendingLabel)
	return rest
}

// mergeLabels puts the spec's own labels in the place of those that it set
// before, and returns what is to be remembered of them.
func (r *Resource) mergeLabels(labels, own, have map[string]string) string {
	ignored := func(string) bool { return false }
	if all, some := r.ignoresAttr(labelsRow), r.ignoredEntries(labelsRow); have != nil {
		ignored = func(k string) bool { return all || slices.Contains(some, k) }
	}
	ours := map[string]string{}
	for k := range managedLabelKeys(have) {
		if ignored(k) {
			ours[k] = ""
		} else {
			delete(labels, k)
		}
	}
	for k, v := range own {
		if !ignored(k) {
			labels[k], ours[k] = v, ""
		}
	}
	return encodeLabelKeys(ours)
}

// TracksLabels reports whether the sandbox's labels remember all user labels that
// the resource sets. One that had the wanted value before is no difference, and
// would outlive the spec.
func (r *Resource) TracksLabels(have map[string]string) bool {
	own, _ := r.attrs[labelsRow].(map[string]string)
	for k := range own {
		if !containsKey(managedLabelKeys(have), k) {
			return have[ManagedLabelsLabel] == r.mergeLabels(maps.Clone(have), own, have)
		}
	}
	return true
}

// LabelValue is the value that the spec sets for one of the sandbox's own labels;
// "" is none.
func (r *Resource) LabelValue(key string) string {
	own, _ := r.attrs[labelsRow].(map[string]string)
	return own[key]
}

func containsKey(keys iter.Seq[string], key string) bool {
	for k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

// labelsMatch reports whether labels hold what the spec wants of them, and nothing
// that it no longer wants.
func labelsMatch(want, labels map[string]string) bool {
	for k, v := range want {
		if have, ok := labels[k]; !ok || have != v {
			return false
		}
	}
	for k := range managedLabelKeys(labels) {
		if _, wanted := want[k]; wanted {
			continue
		}
		if _, there := labels[k]; there {
			return false
		}
	}
	return true
}

// managedLabelsOf is what of the labels the spec speaks of, or once spoke of.
func managedLabelsOf(want, labels map[string]string) map[string]string {
	have := map[string]string{}
	for k := range want {
		if v, ok := labels[k]; ok {
			have[k] = v
		}
	}
	for k := range managedLabelKeys(labels) {
		if v, ok := labels[k]; ok {
			have[k] = v
		}
	}
	return have
}

// Relabel returns the labels of a sandbox that the spec does not declare, as one
// of the fleet under a key, for an environment of the spec; "" is none.
func Relabel(fleet, environment, key string, have map[string]string) map[string]string {
	labels := map[string]string{}
	maps.Copy(labels, have)
	setLabel(labels, FleetLabel, fleet)
	setLabel(labels, KeyLabel, key)
	setLabel(labels, EnvironmentLabel, environment)
	return labels
}

// RestoreLabels returns labels in which all that fleet has set is as it was: what
// others have set since is kept.
func RestoreLabels(labels, was map[string]string) map[string]string {
	restored := WithoutFleetLabels(labels)
	for k := range managedLabelKeys(labels) {
		delete(restored, k)
	}
	maps.Copy(restored, was)
	return restored
}

// WithoutFleetLabels returns the labels of a sandbox without those of fleet.
func WithoutFleetLabels(labels map[string]string) map[string]string {
	rest := map[string]string{}
	maps.Copy(rest, labels)
	maps.DeleteFunc(rest, func(k, _ string) bool { return strings.HasPrefix(k, labelPrefix) })
	return rest
}

// HasCopiedLabels reports whether the labels were made for a sandbox of another name.
// Labels that do not tell are taken to be the sandbox's own.
func HasCopiedLabels(labels map[string]string, name string) bool {
	made := labels[NameDigestLabel]
	return made != "" && made != nameDigest(name)
}

func nameDigest(name string) string { return digest(name)[:10] }

func setLabel(labels map[string]string, key, value string) {
	if value == "" {
		delete(labels, key)
		return
	}
	labels[key] = value
}

// encodeLabelKeys is the value of ManagedLabelsLabel.
func encodeLabelKeys(own map[string]string) string {
	keys := slices.Sorted(maps.Keys(own))
	for i, k := range keys {
		keys[i] = url.QueryEscape(k)
	}
	return strings.Join(keys, ",")
}

// managedLabelKeys is the reverse of remember.
func managedLabelKeys(labels map[string]string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for s := range strings.SplitSeq(labels[ManagedLabelsLabel], ",") {
			k, err := url.QueryUnescape(s)
			if err == nil && k != "" && !strings.HasPrefix(k, labelPrefix) && !yield(k) {
				return
			}
		}
	}
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
