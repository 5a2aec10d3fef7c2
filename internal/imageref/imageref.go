// Package imageref checks references to images in registries.
package imageref

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/distribution/reference"
)

// A Problem is the reason why the server or a build would refuse a registry reference.
// The hint never repeats the reference, which may be sensitive.
type Problem struct{ Message, Hint string }

// Check returns what is wrong with a registry reference: it needs a tag or a digest,
// and a tag other than latest. other names what s could be instead, for the message; it
// may be empty. Check returns the zero Problem if nothing is wrong.
func Check(s, other string) Problem {
	named, wrong := ParseReference(s)
	if wrong.Message != "" {
		wrong.Message = fmt.Sprintf("%q is not %s: %s", s, or(other, "a registry reference"), wrong.Message)
		return wrong
	}
	_, digested := named.(reference.Digested)
	tagged, isTagged := named.(reference.Tagged)
	switch {
	case !digested && !isTagged:
		if other != "" {
			return Problem{Message: fmt.Sprintf("%q is not %s; a registry reference needs a tag or a digest, such as %s:1.2", s, other, s)}
		}
		return Problem{Message: fmt.Sprintf("%q needs a tag or a digest, such as %s:1.2", s, s)}
	case !digested && tagged.Tag() == "latest":
		return Problem{Message: fmt.Sprintf("%q has the tag latest, which Daytona refuses; use a tag with a version", s)}
	}
	return Problem{}
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

// ParseReference parses a registry reference as Docker does, and refuses hosts that
// cannot exist. The part before the first slash is a host if it contains a dot or a
// colon or is localhost. Docker also treats one with upper case as a host;
// ParseReference refuses it, since a repository is meant.
func ParseReference(s string) (reference.Named, Problem) {
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
		return nil, Problem{"it is a URL", "remove the part before the host"}
	case isHost && !registryHost.MatchString(first):
		return nil, Problem{"the part before the first slash is not a valid host name", "a host name has letters, digits, hyphens and dots, and optionally a port"}
	case nested && !isHost && upperCase.MatchString(first):
		return nil, Problem{"its first part has upper-case letters, so it is read as a registry host", lowerCaseHint + "; a host without a domain needs its port, as in Host:443/name:1.2"}
	case upperCase.MatchString(repository):
		return nil, Problem{"its repository has upper-case letters", lowerCaseHint}
	case err != nil:
		return nil, Problem{Message: err.Error()}
	}
	return named, Problem{}
}

// pulledImagePattern matches the names of images that the server pulls.
var pulledImagePattern = regexp.MustCompile(`^[a-zA-Z0-9_.:/-]+(@sha256:[0-9a-f]{64})?$`)

// CheckPulled is Check for an image that is pulled without a build.
func CheckPulled(s, other string) Problem {
	if wrong := Check(s, other); wrong.Message != "" || pulledImagePattern.MatchString(s) {
		return wrong
	}
	return Problem{fmt.Sprintf("%q is a registry reference that Daytona refuses", s), "use a host name, and sha256 for digests"}
}
