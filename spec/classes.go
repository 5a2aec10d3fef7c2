package spec

import "slices"

// The classes of sandboxes.
const (
	Container = "container"
	LinuxVM   = "linux-vm"
	Windows   = "windows"
	Android   = "android"
)

// A ClassRule is about values that not all classes of sandboxes can have.
type ClassRule struct {
	Supported   []string         // the classes that can
	Applies     func(v any) bool // reports whether a value asks for it; v is nil without the attribute
	Unsupported string           // what the other classes cannot do, as in "be paused"
	Fix         string           // what to write instead
}

var (
	pausable           = []string{LinuxVM, Windows}
	pausedClassRule    = &ClassRule{Supported: pausable, Applies: func(v any) bool { return v == Paused }, Unsupported: "be paused", Fix: "write state: stopped"}
	autoPauseClassRule = &ClassRule{Supported: pausable, Applies: isPositive, Unsupported: "pause by itself", Fix: "write auto_pause_interval: 0"}
	kvmClassRule       = &ClassRule{Supported: []string{LinuxVM}, Applies: func(v any) bool { return v == true }, Unsupported: "have nested virtualisation", Fix: "write kvm: false"}
	linkedClassRule    = &ClassRule{Supported: []string{Container, LinuxVM, Windows}, Applies: func(v any) bool { return v == nil }, Unsupported: "be alone", Fix: "write linked_sandbox"}
)

func isPositive(v any) bool { n, _ := v.(int); return n > 0 }

// UnsupportedIn returns the rule of the first attribute to be set that sandboxes of the
// class cannot have as the resource wants it; nil if they can have all.
func (r *Resource) UnsupportedIn(class string, set func(*Attribute) bool) *ClassRule {
	for _, a := range Tables[r.Kind] {
		rule := a.ClassRule
		if rule != nil && !slices.Contains(rule.Supported, class) && set(a) && rule.Applies(r.attrs[a]) {
			return rule
		}
	}
	return nil
}
