package imageref

import (
	"slices"
	"strings"

	"github.com/distribution/reference"
)

// dockerHub is the host of references without one.
const dockerHub = "docker.io"

// publicRegistries serve images that need no credentials. They may have others, too.
var publicRegistries = []string{
	dockerHub, "index.docker.io", "registry-1.docker.io",
	"cgr.dev", "docker.elastic.co", "gcr.io", "ghcr.io", "lscr.io", "mcr.microsoft.com", "nvcr.io", "public.ecr.aws", "quay.io",
	"registry.access.redhat.com", "registry.gitlab.com", "registry.k8s.io",
}

// Host returns the host of a reference in lower case, with its port if it has one;
// docker.io if the reference has no host, and "" if [ParseReference] refuses it.
func Host(s string) string {
	named, wrong := ParseReference(s)
	if wrong.Message != "" {
		return ""
	}
	return strings.ToLower(reference.Domain(named))
}

// IsPublic reports whether a host is that of a well-known public registry.
func IsPublic(host string) bool {
	return slices.Contains(publicRegistries, host) || strings.HasSuffix(host, ".gcr.io")
}
