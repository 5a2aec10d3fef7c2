package image

import (
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"

	"fleet/internal/secretname"
	"fleet/internal/yamldoc"
)

const secretHint = "an image keeps it for everyone who can read the image: give it to the sandbox by env_vars or secrets"

// warnSecret warns at a node about a value that is written into the spec and is likely
// to be a secret by its name.
func (r reader) warnSecret(n *yaml.Node, path, name string, value *yaml.Node) {
	value = yamldoc.FollowAlias(value)
	if isLiteral(value) && secretname.IsSecret(name, value) {
		r.Warnf("literal-secret", n, path, "the image contains a secret").Hint = secretHint
	}
}

var (
	assignment   = regexp.MustCompile(`(?:^|[\s;&|(])(?:-{1,2}|[Ee][Nn][Vv]\s+|export\s+)?([A-Za-z_][A-Za-z0-9_-]*)(?:=|\s*:\s+)["']?([^\s"';&|]+)`)
	loginInURL   = regexp.MustCompile(`[a-z][a-z0-9+.-]*://[^\s/@:]+:([^\s/@]+)@`)
	bearerHeader = regexp.MustCompile(`(?i)authorization:\s*(?:bearer|basic|token)\s+([^\s"']+)`)
	knownToken   = regexp.MustCompile(`\b(?:ghp_|gho_|ghs_|github_pat_|glpat-|xox[abp]-|sk-|hf_|npm_|pypi-|AKIA|dtn_)[A-Za-z0-9_-]{12,}`)
)

// warnSecretIn warns about a text that is written into the spec and contains what is
// likely to be a secret: API_TOKEN=abc, a login in a URL, a header, or a token of a
// known form.
func (r reader) warnSecretIn(n *yaml.Node, path string) {
	if !isLiteral(n) {
		return
	}
	if text := yamldoc.FollowAlias(n).Value; hasSecret(text) {
		r.Warnf("literal-secret", n, path, "the image contains a secret").Hint = secretHint
	}
}

// hasSecret reports whether a text of a Dockerfile is likely to contain a secret.
func hasSecret(text string) bool {
	if knownToken.MatchString(text) {
		return true
	}
	for _, pattern := range []*regexp.Regexp{loginInURL, bearerHeader} {
		for _, m := range pattern.FindAllStringSubmatch(text, -1) {
			if !strings.HasPrefix(m[1], "$") {
				return true
			}
		}
	}
	for _, m := range assignment.FindAllStringSubmatch(text, -1) {
		name, value := strings.ReplaceAll(m[1], "-", "_"), m[2]
		if !strings.HasPrefix(value, "$") && !strings.HasPrefix(value, "`") && secretname.IsSecret(name, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!str", Value: value}) {
			return true
		}
	}
	return false
}
