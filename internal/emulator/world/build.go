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

// newBuildInfo takes what a client sent, which the server does not check.
func NewBuildInfo(sent map[string]any, now Instant) *buildInfo {
	b := &buildInfo{CreatedAt: now, UpdatedAt: now}
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

// digest identifies the image: the Dockerfile followed by the sorted hashes.
func (b *buildInfo) digest() string {
	// The real server hashes the word when there is no Dockerfile at all.
	text := "undefined"
	if b.DockerfileContent != nil {
		text = *b.DockerfileContent
	}
	return DigestOf(text + strings.Join(slices.Sorted(slices.Values(b.ContextHashes)), ""))
}

func (b *buildInfo) ref() string {
	if b == nil {
		return ""
	}
	return b.SnapshotRef
}

// entrypoint is what the Dockerfile says or what keeps a container alive.
func (b *buildInfo) Entrypoint() []string {
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

func (w *World) markBuilt(b *buildInfo) {
	if b != nil && !w.built[b.SnapshotRef] {
		w.built[b.SnapshotRef] = true
		w.MarkDirty(kindBuild, b.SnapshotRef)
	}
}

// imageRef is where the internal registry keeps a pulled image.
func imageRef(image string) string {
	return RegistryRef("daytona-sha256:" + DigestOf(image) + ":daytona")
}

func RegistryRef(name string) string { return "registry.localhost:6000/daytona/" + name }

func DigestOf(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}
