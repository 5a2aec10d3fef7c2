package binaries

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// recipeKey is the key of the digest of the recipe in a manifest. The others are names of
// programs.
const recipeKey = "recipe"

// readManifest returns the digests of the manifest in dir, by key.
func readManifest(dir string) (map[string]string, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifest))
	if err != nil {
		return nil, err
	}
	digests := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), " "); ok {
			digests[key] = value
		}
	}
	return digests, nil
}

// writeManifest writes the digests of the programs in dir, and that of their recipe.
func writeManifest(dir, recipe string) error {
	digests := map[string]string{recipeKey: recipe}
	for _, p := range programs {
		d, err := digest(filepath.Join(dir, p.name))
		if err != nil {
			return err
		}
		digests[p.name] = d
	}
	var text strings.Builder
	for _, key := range slices.Sorted(maps.Keys(digests)) {
		fmt.Fprintln(&text, key, digests[key])
	}
	return os.WriteFile(filepath.Join(dir, manifest), []byte(text.String()), 0o644)
}

// verify reports whether dir holds the programs of the recipe, and no program differs from its
// digest in the manifest.
func verify(root, dir string) bool {
	if Check(root, dir) != nil {
		return false
	}
	have, err := readManifest(dir)
	if err != nil {
		return false
	}
	for _, p := range programs {
		if d, err := digest(filepath.Join(dir, p.name)); err != nil || d != have[p.name] {
			return false
		}
	}
	return true
}
