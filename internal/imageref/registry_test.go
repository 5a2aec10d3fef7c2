package imageref

import "testing"

func TestHost(t *testing.T) {
	for ref, want := range map[string]struct {
		host   string
		public bool
	}{
		"debian:12.9":                            {"docker.io", true},
		"team/app:1":                             {"docker.io", true},
		"docker.io/library/debian:12":            {"docker.io", true},
		"index.docker.io/library/debian:12":      {"docker.io", true},
		"ghcr.io/astral-sh/uv:0.9":               {"ghcr.io", true},
		"eu.gcr.io/project/app:1":                {"eu.gcr.io", true},
		"public.ecr.aws/docker/library/python:3": {"public.ecr.aws", true},
		"1.dkr.ecr.us-east-1.amazonaws.com/a:1":  {"1.dkr.ecr.us-east-1.amazonaws.com", false},
		"evilgcr.io/app:1":                       {"evilgcr.io", false},
		"Registry.Example.com:5000/app:1":        {"registry.example.com:5000", false},
		"ghcr.io.example.com/app:1":              {"ghcr.io.example.com", false},
		"localhost:5000/app@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef": {"localhost:5000", false},
		"Bad Name":      {"", false},
		"MyOrg/app:1.0": {"", false},
	} {
		if host := Host(ref); host != want.host || IsPublic(host) != want.public {
			t.Errorf("%s: host %q, public %t, want %+v", ref, host, IsPublic(host), want)
		}
	}
}
