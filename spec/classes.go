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
	Can    []string         // the classes that can
	Asks   func(v any) bool // reports whether a value asks for it; v is nil without the attribute
	Cannot string           // what the other classes cannot do, as in "be paused"
	Fix    string           // what to write instead
}

var (
	pausable  = []string{LinuxVM, Windows}
	notPaused = &ClassRule{Can: pausable, Asks: func(v any) bool { return v == Paused }, Cannot: "be paused", Fix: "write state: stopped"}
	noPause   = &ClassRule{Can: pausable, Asks: positive, Cannot: "pause by itself", Fix: "write auto_pause_interval: 0"}
	noKVM     = &ClassRule{Can: []string{LinuxVM}, Asks: func(v any) bool { return v == true }, Cannot: "have nested virtualisation", Fix: "write kvm: false"}
	isLinked  = &ClassRule{Can: []string{Container, LinuxVM, Windows}, Asks: func(v any) bool { return v == nil }, Cannot: "be alone", Fix: "write linked_sandbox"}
)

func positive(v any) bool { n, _ := v.(int); return n > 0 }

// Unfit returns the rule of the first attribute to be set that sandboxes of the
// class cannot have as the resource wants it; nil if they can have all.
func (r *Resource) Unfit(class string, set func(*Attribute) bool) *ClassRule {
	for _, a := range Tables[r.Kind] {
		rule := a.Classes
		if rule != nil && !slices.Contains(rule.Can, class) && set(a) && rule.Asks(r.Attrs[a]) {
			return rule
		}
	}
	return nil
}
