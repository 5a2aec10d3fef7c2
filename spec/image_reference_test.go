package spec

import (
	"strings"
	"testing"
)

// TestReferenceHosts: the part before the first slash is a host if it has a dot or a
// colon, or is localhost, and must then be valid.
func TestReferenceHosts(t *testing.T) {
	for ref, problem := range map[string]string{
		"localhost/a:1":              "",
		"a/b:1":                      "",
		"a_b/c:1":                    "",
		"a-b.c/d_e.f/g__h:V1":        "",
		"Ghcr.io/a/b:1":              "",
		"MyHost:5000/a:1":            "",
		"docker.io/a:1":              "",
		"[::1]:5000/a:1":             "",
		"MyOrg/app:1.0":              "read as a registry host",
		"LOCALHOST/a:1":              "read as a registry host",
		"MyOrg/App:1.0":              "read as a registry host",
		"myorg/App:1.0":              "upper-case",
		"App:1.0":                    "upper-case",
		"ghcr.io/MyOrg/app:1.0":      "upper-case",
		"localhost/App:1":            "upper-case",
		"MyHost:5000/App@" + digest0: "upper-case",
		"a_b.c/x:1":                  "not a valid host name",
		"a_b.c/x@" + digest0:         "not a valid host name",
		"a__b.c/x:1":                 "not a valid host name",
		"a_b:5000/x:1":               "not a valid host name",
		"a-.b/x:1":                   "not a valid host name",
		".a/x:1":                     "not a valid host name",
		"http://a.b/x:1":             "is a URL",
	} {
		got := referenceProblem(ref, "").message
		if (got == "") != (problem == "") || !strings.Contains(got, problem) {
			t.Errorf("%s: %q, want %q", ref, got, problem)
		}
	}
}

const digest0 = "sha256:" + zeros

// TestPulledReferences: the server accepts fewer references for a snapshot than Docker.
func TestPulledReferences(t *testing.T) {
	for ref, taken := range map[string]bool{
		"a:1": true, "a.b:5000/c_d/e:V1": true, "a@" + digest0: true, "a:1@" + digest0: true,
		"a@sha512:" + zeros + zeros: false, "[::1]:5000/a:1": false,
	} {
		if got := pulledProblem(ref, "").message; (got == "") != taken {
			t.Errorf("%s: %q", ref, got)
		}
	}
}

// TestSensitiveReference: a hint shows no part of a reference that is secret.
func TestSensitiveReference(t *testing.T) {
	for _, image := range []string{"images: {i: {base: '${var.x}'}}", "images: {i: {dockerfile: 'FROM ${var.x}'}}", "sandboxes: {a: {image: '${var.x}'}}"} {
		_, err := Parse(Source{"fleet.yaml", []byte("version: 1\nname: demo\nvars: {x: {default: SeCret/App:1, sensitive: true}}\n" + image)})
		if err == nil || !strings.Contains(err.Error(), "upper-case") || strings.Contains(strings.ToLower(err.Error()), "secret/") {
			t.Errorf("%s: %v", image, err)
		}
	}
}
