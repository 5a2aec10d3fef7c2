// Package snapshotversion names the versions of a snapshot. A version has the name of
// the snapshot, a hyphen and [Digits] hexadecimal digits of a digest over the content,
// such as base-3f2a9c01d47e.
package snapshotversion

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Digits is the number of hexadecimal digits of a version.
const Digits = 12

// Content is what a version is computed over: the values of the attributes that are not
// the server's default, as JSON, by attribute.
type Content map[string]string

// Digest returns the version of a content. It never changes for a given content: the
// names of existing snapshots depend on it.
func (c Content) Digest() string {
	var b strings.Builder
	for _, key := range slices.Sorted(maps.Keys(c)) {
		b.WriteString(key + "=" + c[key] + "\n")
	}
	sum := sha256.Sum256([]byte(b.String()))
	return hex.EncodeToString(sum[:])[:Digits]
}

// Name returns the name of a version of the snapshot base.
func Name(base, version string) string { return base + "-" + version }

// Split splits the name of a version into the name of the snapshot and the version. ok is
// false, and base and version are empty, if name does not have that form.
func Split(name string) (base, version string, ok bool) {
	i := strings.LastIndexByte(name, '-')
	if i < 1 || !IsVersion(name[i+1:]) {
		return "", "", false
	}
	return name[:i], name[i+1:], true
}

// Of returns the version in the name of a version of the snapshot base. ok is false, and
// version empty, if name does not have that form.
func Of(base, name string) (version string, ok bool) {
	version, ok = strings.CutPrefix(name, base+"-")
	if !ok || !IsVersion(version) {
		return "", false
	}
	return version, true
}

// IsVersion reports whether a text has the form of a version.
func IsVersion(text string) bool { return pattern.MatchString(text) }

// Pattern is a regular expression that matches a version.
const Pattern = `^[0-9a-f]{12}$`

var pattern = regexp.MustCompile(Pattern)

// maxProofs limits the contents that [Find] tries.
const maxProofs = 1 << 14

// Find returns the content that version is the digest of, among those that an observed
// snapshot may have been created for. Each element of alternatives stands for one
// attribute: the values that a spec may have had, as JSON; an empty text stands for none,
// since the server chose the value. ok is false if no content has the digest, or if there
// are too many to try.
func Find(version string, alternatives map[string][]string) (c Content, ok bool) {
	count := 1
	for _, values := range alternatives {
		if count *= max(len(values), 1); count > maxProofs {
			return nil, false
		}
	}
	c = Content{}
	if !try(version, c, slices.Sorted(maps.Keys(alternatives)), alternatives) {
		return nil, false
	}
	return c, true
}

// try tries all values of the attributes keys, in addition to those in c. It leaves the
// content that has the digest in c.
func try(version string, c Content, keys []string, alternatives map[string][]string) bool {
	if len(keys) == 0 {
		return c.Digest() == version
	}
	for _, v := range alternatives[keys[0]] {
		delete(c, keys[0])
		if v != "" {
			c[keys[0]] = v
		}
		if try(version, c, keys[1:], alternatives) {
			return true
		}
	}
	return false
}
