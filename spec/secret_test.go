package spec

import (
	"strings"
	"testing"
)

// TestRedact: servers repeat what they were sent.
func TestRedact(t *testing.T) {
	f := mustParse(t, `
sandboxes:
  a: {env_vars: {TOKEN: hunter22, SHORT: abc, EMPTY: ""}, os_user: visible}
  b: {outbound_proxy_url: "http://me:pass1234@proxy:3128"}
`)
	for text, want := range map[string]string{
		"nothing of it":                         "nothing of it",
		"TOKEN=hunter22 and 'hunter22'":         "TOKEN=(hidden) and '(hidden)'",
		"http://me:pass1234@proxy:3128 refused": "(hidden) refused",
		"proxy password pass1234":               "proxy password (hidden)",
		"abc of the visible":                    "abc of the visible", // too short to be distinguished from words
	} {
		same(t, text, f.Redact(text), want)
	}
	same(t, "another resource's", get(t, f, "sandbox.b").Redact("hunter22"), "hunter22")
}

// TestRedactNested: a secret that starts with another one is hidden completely.
func TestRedactNested(t *testing.T) {
	r := sandbox(t, "env_vars: {A: hunter22, B: hunter22-and-more}")
	for range 50 {
		if got := r.Redact("B is hunter22-and-more"); strings.Contains(got, "more") {
			t.Fatalf("the end of a secret is left: %s", got)
		}
	}
}
