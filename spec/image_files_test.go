package spec

import (
	"os"
	"testing"
)

// dockerfiles makes the Dockerfiles of examples in the working directory of a test.
func dockerfiles(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	const text = "FROM a:1\nARG VERSION\n"
	check(t, os.WriteFile("Dockerfile", []byte(text), 0o600))
	check(t, os.WriteFile("pyproject.toml", []byte("[project]\ndependencies = []\noptional-dependencies = {dev = []}\n"), 0o600))
	check(t, os.Mkdir("docker", 0o700))
	check(t, os.WriteFile("docker/Dockerfile", []byte(text), 0o600))
}
