package binaries

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// recipeDir holds the modules of the programs, below the root of the operator's module.
const recipeDir = "internal/kubetest/binaries/recipe"

// A program is built from a package of the module proxy.
type program struct {
	name   string
	module string // its directory below recipeDir, with a go.mod
	path   string
	flags  string // of the linker; VERSION, MAJOR and MINOR are those of Kubernetes
}

// stamp is the version of Kubernetes, without which its programs report v0.0.0 and refuse
// features of their own version.
const stamp = "-s -w -X k8s.io/component-base/version.gitVersion=VERSION" +
	" -X k8s.io/component-base/version.gitMajor=MAJOR -X k8s.io/component-base/version.gitMinor=MINOR"

var programs = []program{
	{Etcd, "etcd", "go.etcd.io/etcd/server/v3", "-s -w"},
	{Kubectl, "kubernetes", "k8s.io/kubernetes/cmd/kubectl", stamp},
	{APIServer, "kubernetes", "k8s.io/kubernetes/cmd/kube-apiserver", stamp},
}

// Build builds the programs that the module in root describes into dir, and replaces what is
// there. If dir holds them, Build does nothing. The directory is complete or absent at any
// time, even if Build is interrupted or runs twice at once.
func Build(ctx context.Context, root, dir string, log io.Writer) error {
	if verify(root, dir) {
		fmt.Fprintln(log, "up to date:", dir)
		return nil
	}
	want, err := recipe(root)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(filepath.Dir(dir), ".building-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(temporary) }()
	for _, p := range programs {
		fmt.Fprintln(log, "building", p.name)
		if err := p.build(ctx, root, temporary, log); err != nil {
			return fmt.Errorf("building %s: %w", p.name, err)
		}
	}
	if err := writeManifest(temporary, want); err != nil {
		return err
	}
	if err := os.Chmod(temporary, 0o755); err != nil {
		return err
	}
	if err := replace(dir, temporary); err != nil && !verify(root, dir) {
		return err
	}
	return nil
}

// replace renames temporary to dir. A directory that is there is removed.
func replace(dir, temporary string) error {
	old := temporary + ".old"
	if err := os.Rename(dir, old); err != nil && !os.IsNotExist(err) {
		return err
	}
	defer func() { _ = os.RemoveAll(old) }()
	return os.Rename(temporary, dir)
}

// build builds the program into dir.
func (p program) build(ctx context.Context, root, dir string, log io.Writer) error {
	version, err := version(root)
	if err != nil {
		return err
	}
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) != 3 {
		return fmt.Errorf("%q is not a version of Kubernetes", version)
	}
	flags := strings.NewReplacer("VERSION", version, "MAJOR", parts[0], "MINOR", parts[1]).Replace(p.flags)
	build := exec.CommandContext(ctx, "go", "build", "-mod=readonly", "-trimpath", "-ldflags", flags, "-o", filepath.Join(dir, p.name), p.path)
	build.Dir = filepath.Join(root, recipeDir, p.module)
	build.Env = append(os.Environ(), "GOWORK=off")
	build.Stdout, build.Stderr = log, log
	return build.Run()
}
