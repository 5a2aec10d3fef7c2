package ci

import (
	"os"
	"path/filepath"
	"testing"
)

func TestWorkspaceFile(t *testing.T) {
	root := t.TempDir()
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Mkdir(filepath.Join(root, "deploy"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(root, link); err != nil {
		t.Fatal(err)
	}
	in := func(dir string) Workspace { return Workspace{Root: root, Dir: filepath.Join(root, dir)} }
	for _, test := range []struct {
		w          Workspace
		file, want string
	}{
		{Workspace{}, "specs/fleet.yaml", "specs/fleet.yaml"},
		{Workspace{Root: "relative", Dir: "/"}, "fleet.yaml", "fleet.yaml"},
		{in(""), "fleet.yaml", "fleet.yaml"},
		{in("deploy"), "fleet.yaml", "deploy/fleet.yaml"},
		{in("deploy"), "a b/é.yaml", "deploy/a b/é.yaml"},
		{in("deploy"), "./fleet.yaml", "deploy/fleet.yaml"},
		{in("deploy"), "../fleet.yaml", "fleet.yaml"},
		{in("deploy"), "../../fleet.yaml", "../../fleet.yaml"},
		{in("deploy"), "..fleet.yaml", "deploy/..fleet.yaml"},
		{in("deploy"), filepath.Join(root, "x", "fleet.yaml"), "x/fleet.yaml"},
		{in("deploy"), "/elsewhere/fleet.yaml", "/elsewhere/fleet.yaml"},
		{in("deploy"), "<stdin>", "<stdin>"},
		{in("deploy"), "", ""},
		{Workspace{Root: link, Dir: filepath.Join(root, "deploy")}, "fleet.yaml", "deploy/fleet.yaml"},
		{Workspace{Root: root, Dir: filepath.Join(link, "deploy")}, "fleet.yaml", "deploy/fleet.yaml"},
		{Workspace{Root: root, Dir: "/elsewhere"}, "fleet.yaml", "fleet.yaml"},
	} {
		if got := test.w.File(test.file); got != test.want {
			t.Errorf("%q in %+v: got %q, want %q", test.file, test.w, got, test.want)
		}
	}
}
