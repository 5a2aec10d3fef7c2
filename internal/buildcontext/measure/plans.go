package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// comparePlans compares a plan with an unchanged context, whose digests are cached, with
// find and a plan without a context. The tree is in the directory.
func comparePlans(fleet, dir string) error {
	fleet, err := filepath.Abs(fleet)
	if err != nil {
		return err
	}
	if err := os.Setenv("XDG_STATE_HOME", filepath.Join(dir, "state")); err != nil {
		return err
	}
	for name, steps := range map[string]string{"with": "[add_local_dir: {local_path: tree, remote_path: /tree}]", "without": "[workdir: /tree]"} {
		text := fmt.Sprintf("version: 1\nname: demo\nimages:\n  app:\n    base: debian:12.9\n    steps: %s\nsandboxes:\n  web: {image: app}\n", steps)
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600); err != nil {
			return err
		}
	}
	const command = `"$0" plan --local -f "$1" >/dev/null 2>&1`
	plan := []string{"sh", "-c", command, fleet, filepath.Join(dir, "with.yaml")}
	if _, _, err := run(dir, plan[0], plan[1:]...); err != nil { // fills the cache
		return err
	}
	return printRatio("plan again, against find and a plan without files", 2, filepath.Join(dir, "tree"),
		plan, []string{"sh", "-c", find + " && " + command, fleet, filepath.Join(dir, "without.yaml")})
}
