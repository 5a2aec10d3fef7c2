package spec

import (
	"crypto/sha256"
	"encoding/base64"
	"iter"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Labels in which fleet stores its data on a sandbox. Their keys have no dots,
// because the server's search index splits keys at dots.
const (
	labelPrefix = "fleet-"

	FleetLabel         = "fleet-name"    // the fleet that owns the sandbox
	KeyLabel           = "fleet-key"     // its key in the spec, such as worker[3]
	FingerprintLabel   = "fleet-seal"    // digests of attributes that lists do not include
	ManagedLabelsLabel = "fleet-labels"  // keys of the user's labels that the spec set
	ProtectLabel       = "fleet-protect" // "true": never delete or replace the sandbox
	RemoveLabel        = "fleet-remove"  // what to do when the spec no longer declares the sandbox
	NameDigestLabel    = "fleet-self"    // digest of the name that the labels were made for: forks copy labels

	// EnvironmentLabel is the environment of the spec when the labels were last
	// written. A sandbox without the label may belong to any environment.
	EnvironmentLabel = "fleet-environment"

	PendingLabel = "fleet-pending" // what remains to be done after creation: ready, after_create

	// LeaseLabel is a time in RFC 3339 until which the sandbox must not be garbage
	// collected. Users of the sandbox set it; fleet only reads it.
	LeaseLabel = "fleet-lease"

	// LanguageLabel is the label from which Daytona's SDKs read the language of a
	// sandbox.
	LanguageLabel = "code-toolbox-language"
)

// Labels returns the labels of a sandbox of the fleet, merged into its current ones:
// labels of others are kept, and labels that the spec set earlier and no longer sets
// are removed. Labels that the resource ignores are unchanged. For a sandbox to be
// created, have is nil and nothing is ignored.
func (r *Resource) Labels(fleet string, have map[string]string) map[string]string {
	labels := maps.Clone(have)
	if labels == nil {
		labels = map[string]string{}
	}
	own, _ := r.attrs.get(labelsRow).(map[string]string)
	setLabel(labels, ManagedLabelsLabel, r.mergeLabels(labels, own, have))
	for _, a := range Tables[r.Kind] {
		v, ok := r.attrs.lookup(a)
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

// pending returns the value of PendingLabel for a new sandbox.
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

// WithPending returns a copy of labels with PendingLabel as for a new sandbox.
func (r *Resource) WithPending(labels map[string]string) map[string]string {
	marked := maps.Clone(labels)
	setLabel(marked, PendingLabel, r.pending())
	return marked
}

// HasPostCreate reports whether a readiness probe or a hook runs after the sandbox
// was created.
func (r *Resource) HasPostCreate() bool { return r.AfterCreate() != nil || r.ReadinessProbe() != nil }

// WithoutPending returns a copy of labels without PendingLabel.
func WithoutPending(labels map[string]string) map[string]string {
	rest := maps.Clone(labels)
	delete(rest, PendingLabel)
	return rest
}

// mergeLabels replaces the labels that the spec set earlier by own, and returns the
// value of ManagedLabelsLabel.
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

// TracksLabels reports whether ManagedLabelsLabel lists all labels that the resource
// sets. If it does not, a label that already had the right value would remain when it
// leaves the spec.
func (r *Resource) TracksLabels(have map[string]string) bool {
	own, _ := r.attrs.get(labelsRow).(map[string]string)
	for k := range own {
		if !containsKey(managedLabelKeys(have), k) {
			return have[ManagedLabelsLabel] == r.mergeLabels(maps.Clone(have), own, have)
		}
	}
	return true
}

// LabelValue returns the value that the spec sets for a label of the user; "" if it
// sets none.
func (r *Resource) LabelValue(key string) string {
	own, _ := r.attrs.get(labelsRow).(map[string]string)
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

// labelsMatch reports whether labels have the spec's values, and none that the spec
// set earlier and no longer sets.
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

// managedLabelsOf returns the labels that the spec sets or set earlier.
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

// Relabel returns the labels with which a sandbox that the spec does not declare
// belongs to the fleet under a key. environment is that of the spec; "" for none.
func Relabel(fleet, environment, key string, have map[string]string) map[string]string {
	labels := map[string]string{}
	maps.Copy(labels, have)
	setLabel(labels, FleetLabel, fleet)
	setLabel(labels, KeyLabel, key)
	setLabel(labels, EnvironmentLabel, environment)
	return labels
}

// RestoreLabels returns labels in which those that fleet set have their former
// values was. Labels that others have set since are kept.
func RestoreLabels(labels, was map[string]string) map[string]string {
	restored := WithoutFleetLabels(labels)
	for k := range managedLabelKeys(labels) {
		delete(restored, k)
	}
	maps.Copy(restored, was)
	return restored
}

// WithoutFleetLabels returns a copy of labels without those of fleet.
func WithoutFleetLabels(labels map[string]string) map[string]string {
	rest := map[string]string{}
	maps.Copy(rest, labels)
	maps.DeleteFunc(rest, func(k, _ string) bool { return strings.HasPrefix(k, labelPrefix) })
	return rest
}

// HasCopiedLabels reports whether the labels were written for a sandbox with another
// name, and copied by a fork. It returns false if NameDigestLabel is missing.
func HasCopiedLabels(labels map[string]string, name string) bool {
	made := labels[NameDigestLabel]
	return made != "" && !isNameDigest(made, name)
}

// nameDigestSize is the length of a digest of a name.
const nameDigestSize = 10

func nameDigest(name string) string { return digest(name)[:nameDigestSize] }

// isNameDigest reports whether made is the digest of a name. Each plan asks it several times
// about each sandbox, so that it allocates nothing for usual names.
func isNameDigest(made, name string) bool {
	if strings.ContainsFunc(name, needsEscape) {
		return made == nameDigest(name)
	}
	var buffer [128]byte
	sum := sha256.Sum256(append(append(append(buffer[:0], '"'), name...), '"'))
	var text [64]byte
	base64.RawURLEncoding.Encode(text[:], sum[:])
	return made == string(text[:nameDigestSize])
}

func setLabel(labels map[string]string, key, value string) {
	if value == "" {
		delete(labels, key)
		return
	}
	labels[key] = value
}

// encodeLabelKeys returns the value of ManagedLabelsLabel.
func encodeLabelKeys(own map[string]string) string {
	keys := slices.Sorted(maps.Keys(own))
	for i, k := range keys {
		keys[i] = url.QueryEscape(k)
	}
	return strings.Join(keys, ",")
}

// managedLabelKeys is the reverse of encodeLabelKeys.
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

// toLabel returns the value of a label; "" means that there is no label.
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
