package spec

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fleet/internal/buildcontext"
)

// TestContextAboveLimit: a context above the limits is an error at the line that copies it.
func TestContextAboveLimit(t *testing.T) {
	dockerfiles(t)
	check(t, os.WriteFile("docker/Dockerfile", []byte("FROM a:1\nCOPY . /x\n"), 0o600))
	check(t, os.WriteFile("docker/b.txt", []byte("b"), 0o600))
	text := "version: 1\nname: demo\nimages: {i: {dockerfile: docker/Dockerfile}, unused: {dockerfile: docker/Dockerfile}}\nsandboxes: {web: {image: i}}\n"
	check(t, os.WriteFile("fleet.yaml", []byte(text), 0o600))
	o := Options{Hasher: buildcontext.NewHasher(buildcontext.Options{MaxFiles: 1})}
	if _, err := o.Load("fleet.yaml"); err == nil || !strings.HasPrefix(err.Error(), "docker/Dockerfile:2:1: images.i.dockerfile: ") || !strings.Contains(err.Error(), "above the limit of 1 file;") {
		t.Errorf("%v", err)
	}
	if _, err := (Options{}).Load("fleet.yaml"); err != nil {
		t.Errorf("without a hasher, files are not counted: %v", err)
	}
}

// TestDockerfileIsSource: a Dockerfile that a spec names is one of its files and no secret,
// by whichever key it is named, and all of them make the same build.
func TestDockerfileIsSource(t *testing.T) {
	dockerfiles(t)
	for _, way := range []string{"dockerfile: ./Dockerfile", "from_dockerfile: Dockerfile", "dockerfile: {from_file: Dockerfile}"} {
		check(t, os.WriteFile("fleet.yaml", []byte("version: 1\nname: demo\nimages: {i: {"+way+"}}\nsandboxes: {web: {image: i}}\n"), 0o600))
		f, err := Options{}.Load("fleet.yaml")
		check(t, err)
		if !slices.Contains(f.Files, "Dockerfile") || len(f.Sensitive()) > 0 {
			t.Errorf("%s: files %v, sensitive %v", way, f.Files, f.Sensitive())
		}
		same(t, way, f.Resources[0].Dockerfile(), "FROM a:1\nARG VERSION\n")
	}
}

// TestContextOutsideRoot: no file outside of the root of the spec is sent.
func TestContextOutsideRoot(t *testing.T) {
	dockerfiles(t)
	check(t, os.WriteFile("secret.txt", []byte("s"), 0o600))
	for _, image := range []string{
		"dockerfile: Dockerfile2, context: ..", "base: 'a:1', steps: [{add_local_file: {local_path: ../secret.txt, remote_path: /s}}]",
	} {
		check(t, os.WriteFile("docker/Dockerfile2", []byte("FROM a:1\nCOPY secret.txt /\n"), 0o600))
		check(t, os.WriteFile("docker/fleet.yaml", []byte("version: 1\nname: demo\nimages: {i: {"+image+"}}\n"), 0o600))
		if _, err := (Options{Root: "docker"}).Load(filepath.Join("docker", "fleet.yaml")); err == nil || !strings.Contains(err.Error(), "outside of docker") {
			t.Errorf("%s: %v", image, err)
		}
		_, err := Options{}.Load(filepath.Join("docker", "fleet.yaml"))
		check(t, err)
	}
}
