// Package binaries builds and finds the programs of Kubernetes with which the operator is
// tested: an API server, its store, and kubectl.
//
// They are built from the Go module proxy, once for each version, into a directory outside of
// the repository.
package binaries

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
)

// CacheVariable is the environment variable that holds the directory of the programs. If it is
// empty, they are in the cache directory of the user.
const CacheVariable = "FLEET_KUBE_CACHE"

// ErrMissing is the error of Check for programs that were not built, or from another recipe.
var ErrMissing = errors.New("not built")

// The names of the programs in their directory.
const (
	APIServer = "kube-apiserver"
	Etcd      = "etcd"
	Kubectl   = "kubectl"
)

// manifest is the file that identifies the contents of the directory. It is written last.
const manifest = "manifest"

// Root returns the directory of the operator's module, at or above the working directory.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		text, err := os.ReadFile(filepath.Join(dir, "go.mod"))
		if err == nil && bytes.HasPrefix(text, []byte("module fleet/operator\n")) {
			return dir, nil
		}
		if filepath.Dir(dir) == dir {
			return "", errors.New("the module fleet/operator is not above the working directory")
		}
		dir = filepath.Dir(dir)
	}
}

// Dir returns the directory of the programs for the module in root. It need not exist.
func Dir(root string) (string, error) {
	if dir := os.Getenv(CacheVariable); dir != "" {
		return dir, nil
	}
	version, err := version(root)
	if err != nil {
		return "", err
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("%w; set %s", err, CacheVariable)
	}
	return filepath.Join(cache, "fleet", "kube", version), nil
}

// Check returns an error that wraps ErrMissing unless dir holds the programs that the module
// in root describes.
func Check(root, dir string) error {
	want, err := recipe(root)
	if err != nil {
		return err
	}
	have, err := readManifest(dir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrMissing, err)
	}
	if have[recipeKey] != want {
		return fmt.Errorf("%s: %w: the programs were built from another recipe", dir, ErrMissing)
	}
	for _, p := range programs {
		if _, err := os.Stat(filepath.Join(dir, p.name)); err != nil {
			return fmt.Errorf("%w: %w", ErrMissing, err)
		}
	}
	return nil
}

var requirement = regexp.MustCompile(`(?m)^\s*(?:require )?k8s\.io/kubernetes (v\S+)`)

// version returns the version of Kubernetes that the recipe builds, such as v1.37.2.
func version(root string) (string, error) {
	file := filepath.Join(root, recipeDir, "kubernetes", "go.mod")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	m := requirement.FindSubmatch(text)
	if m == nil {
		return "", fmt.Errorf("%s does not require k8s.io/kubernetes", file)
	}
	return string(m[1]), nil
}

// recipe returns a digest of all that determines the programs, but for the version of Go.
func recipe(root string) (string, error) {
	h := sha256.New()
	fmt.Fprintln(h, runtime.GOOS, runtime.GOARCH, cmp.Or(os.Getenv("CGO_ENABLED"), "default"))
	for _, p := range programs {
		fmt.Fprintln(h, p.name, p.path, p.flags)
		for _, name := range []string{"go.mod", "go.sum"} {
			text, err := os.ReadFile(filepath.Join(root, recipeDir, p.module, name))
			if err != nil {
				return "", err
			}
			_, _ = h.Write(text)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// digest returns the SHA-256 of a file.
func digest(file string) (string, error) {
	f, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return "", err
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}
