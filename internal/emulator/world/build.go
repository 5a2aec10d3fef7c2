package world

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
)

var entrypointLine = regexp.MustCompile(`ENTRYPOINT\s+(.*)`)

// NewBuildInfo returns the build of a request body. Like the server, it does not
// validate the fields: unusable values are ignored.
func NewBuildInfo(sent map[string]any, now Instant) *BuildInfo {
	b := &BuildInfo{CreatedAt: now, UpdatedAt: now}
	if text, ok := sent["dockerfileContent"].(string); ok {
		b.DockerfileContent = &text
	}
	if hashes, ok := sent["contextHashes"].([]any); ok {
		b.ContextHashes = []string{}
		for _, h := range hashes {
			if s, ok := h.(string); ok {
				b.ContextHashes = append(b.ContextHashes, s)
			}
		}
	}
	b.SnapshotRef = "daytona-" + b.digest() + ":daytona"
	return b
}

// digest identifies the image: a hash of the Dockerfile followed by the sorted context
// hashes.
func (b *BuildInfo) digest() string {
	// The real server hashes the word when there is no Dockerfile at all.
	text := "undefined"
	if b.DockerfileContent != nil {
		text = *b.DockerfileContent
	}
	return DigestOf(text + strings.Join(slices.Sorted(slices.Values(b.ContextHashes)), ""))
}

// ref returns the reference of the image, or "" if b is nil.
func (b *BuildInfo) ref() string {
	if b == nil {
		return ""
	}
	return b.SnapshotRef
}

// Entrypoint returns the entrypoint in the Dockerfile, or by default a command that
// keeps the container running.
func (b *BuildInfo) Entrypoint() []string {
	if b.DockerfileContent != nil {
		if m := entrypointLine.FindStringSubmatch(*b.DockerfileContent); m != nil {
			raw := strings.TrimSpace(m[1])
			var list []string
			if json.Unmarshal([]byte(raw), &list) == nil {
				return list
			}
			return []string{strings.NewReplacer(`"`, "", `'`, "").Replace(raw)}
		}
	}
	return []string{"sleep", "infinity"}
}

// markBuilt records that a build succeeded. Later builds of the same image take no
// time.
func (w *World) markBuilt(b *BuildInfo) {
	if b != nil && !w.built[b.SnapshotRef] {
		w.built[b.SnapshotRef] = true
		w.MarkDirty(kindBuild, b.SnapshotRef)
	}
}

// imageRef returns the reference of a pulled image in the internal registry.
func imageRef(image string) string {
	return RegistryRef("daytona-sha256:" + DigestOf(image) + ":daytona")
}

// RegistryRef returns the reference of a name in the internal registry.
func RegistryRef(name string) string { return "registry.localhost:6000/daytona/" + name }

// DigestOf returns the SHA-256 digest of s in hex.
func DigestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
