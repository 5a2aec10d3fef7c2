package spec

import "slices"

// The classes of sandboxes.
const (
	Container = "container"
	LinuxVM   = "linux-vm"
	Windows   = "windows"
	Android   = "android"
)

// A ClassRule describes values that only some classes of sandboxes support.
type ClassRule struct {
	Supported   []string         // the classes that support them
	Applies     func(v any) bool // reports whether v is such a value; v is nil if the attribute is not set
	Unsupported string           // completes "sandboxes of class X cannot", as in "be paused"
	Fix         string           // what to write in the spec instead
}

var (
	pausable           = []string{LinuxVM, Windows}
	pausedClassRule    = &ClassRule{Supported: pausable, Applies: func(v any) bool { return v == Paused }, Unsupported: "be paused", Fix: "write state: stopped"}
	autoPauseClassRule = &ClassRule{Supported: pausable, Applies: isPositive, Unsupported: "pause automatically", Fix: "write auto_pause_interval: 0"}
	kvmClassRule       = &ClassRule{Supported: []string{LinuxVM}, Applies: func(v any) bool { return v == true }, Unsupported: "have nested virtualisation", Fix: "write kvm: false"}
	linkedClassRule    = &ClassRule{Supported: []string{Container, LinuxVM, Windows}, Applies: func(v any) bool { return v == nil }, Unsupported: "exist without linked_sandbox", Fix: "write linked_sandbox"}
)

func isPositive(v any) bool { n, _ := v.(int); return n > 0 }

// UnsupportedIn returns the rule of the first attribute whose value sandboxes of the
// class do not support, among those that set selects; nil if they support all.
func (r *Resource) UnsupportedIn(class string, set func(*Attribute) bool) *ClassRule {
	for _, a := range Tables[r.Kind] {
		rule := a.ClassRule
		if rule != nil && !slices.Contains(rule.Supported, class) && set(a) && rule.Applies(r.attrs.get(a)) {
			return rule
		}
	}
	return nil
}
