package spec

import "testing"

// TestNewer names what a server does not know yet.
func TestNewer(t *testing.T) {
	for _, tt := range []struct {
		attributes, server, key, since string
		novel                          bool
	}{
		{"public: true, env_vars: {A: x}", "0.190.0", "", "0.0.0", false},
		{"ttl_minutes: 5", "0.190.0", "ttl_minutes", "0.205.0", true},
		{"ttl_minutes: 5", "0.205.0", "", "0.0.0", true},
		{"kvm: true, secrets: {A: x}", "0.190.0", "secrets", "0.205.0", true},
		{"kvm: true, secrets: {A: x}", "0.219.9", "kvm", "0.220.0", true},
		{"kvm: true, queue_timeout: 5", "0.220.0", "", "0.0.0", true},
	} {
		r := sandbox(t, tt.attributes)
		key, since := r.UnsupportedOn(ParseVersion(tt.server))
		if key != tt.key || since.String() != tt.since || r.NeedsNewerServer() != tt.novel {
			t.Errorf("%s on %s: %q since %s, novel %v", tt.attributes, tt.server, key, since, r.NeedsNewerServer())
		}
	}
}

// TestUnkept names what a server took no notice of, and nothing that cannot be
// read or that every server knows.
func TestUnkept(t *testing.T) {
	r := sandbox(t, `outbound_proxy_url: "http://x", kvm: true, ttl_minutes: 5, os_user: root`)
	f := facts("")
	have := Object{Attrs: answer(t, SandboxKind, `{"name":"web","user":"daytona"}`), FullyRead: true}
	same(t, "by itself", r.DroppedByServer(have, f), []string{"outbound_proxy_url", "kvm"})
	have.FullyRead = false
	same(t, "in a list", r.DroppedByServer(have, f), nil)
	same(t, "kept", r.DroppedByServer(created(t, r, f, true), f), nil)
}
