package spec

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

// A refProblem is why the server or a build would refuse a registry reference. The zero
// refProblem means that it would not. The hint never repeats the reference, which may be
// sensitive.
type refProblem struct{ message, hint string }

// referenceProblem checks a registry reference, which needs a digest, or a tag other
// than latest. other describes what else s could be, or is empty.
func referenceProblem(s, other string) refProblem {
	named, wrong := parseReference(s)
	if wrong.message != "" {
		wrong.message = fmt.Sprintf("%q is not %s: %s", s, or(other, "a registry reference"), wrong.message)
		return wrong
	}
	_, digested := named.(reference.Digested)
	tagged, isTagged := named.(reference.Tagged)
	switch {
	case !digested && !isTagged:
		if other != "" {
			return refProblem{message: fmt.Sprintf("%q is not %s; a registry reference needs a tag or a digest, such as %s:1.2", s, other, s)}
		}
		return refProblem{message: fmt.Sprintf("%q needs a tag or a digest, such as %s:1.2", s, s)}
	case !digested && tagged.Tag() == "latest":
		return refProblem{message: fmt.Sprintf("%q has the tag latest, which Daytona refuses; use a tag with a version", s)}
	}
	return refProblem{}
}

// or joins two possible meanings of a text. The first may be empty.
func or(a, b string) string {
	if a == "" {
		return b
	}
	return a + " or " + b
}

var (
	registryHost = regexp.MustCompile(`^(?:` + reference.DomainRegexp.String() + `)$`)
	upperCase    = regexp.MustCompile(`[A-Z]`)
)

const lowerCaseHint = "write names in a registry in lower case"

// parseReference parses a registry reference as Docker does, and rejects invalid hosts.
// The part before the first slash is a host if it has a dot or a colon, or is localhost.
// Docker also treats a part with upper case as a host, although a repository is meant.
func parseReference(s string) (reference.Named, refProblem) {
	first, rest, nested := strings.Cut(s, "/")
	isHost := nested && (first == "localhost" || strings.ContainsAny(first, ".:"))
	if !isHost {
		rest = s
	}
	repository, _, _ := strings.Cut(rest, "@")
	repository, _, _ = strings.Cut(repository, ":")
	named, err := reference.ParseNormalizedNamed(s)
	switch {
	case strings.Contains(s, "://"):
		return nil, refProblem{"it is a URL", "remove the part before the host"}
	case isHost && !registryHost.MatchString(first):
		return nil, refProblem{"the part before the first slash is not a valid host name", "a host name has letters, digits, hyphens and dots, and optionally a port"}
	case nested && !isHost && upperCase.MatchString(first):
		return nil, refProblem{"its first part has upper-case letters, so it is read as a registry host", lowerCaseHint + "; a host without a domain needs its port, as in Host:443/name:1.2"}
	case upperCase.MatchString(repository):
		return nil, refProblem{"its repository has upper-case letters", lowerCaseHint}
	case err != nil:
		return nil, refProblem{message: err.Error()}
	}
	return named, refProblem{}
}

// pulledImagePattern matches the names of images that the server accepts for pulling.
var pulledImagePattern = regexp.MustCompile(`^[a-zA-Z0-9_.:/-]+(@sha256:[0-9a-f]{64})?$`)

// pulledProblem is referenceProblem for an image that is pulled without a build.
func pulledProblem(s, other string) refProblem {
	if wrong := referenceProblem(s, other); wrong.message != "" || pulledImagePattern.MatchString(s) {
		return wrong
	}
	return refProblem{fmt.Sprintf("%q is a registry reference that Daytona refuses", s), "use a host name, and sha256 for digests"}
}
