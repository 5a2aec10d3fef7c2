package files

import (
	"os"
	"path/filepath"
	"testing"
)

// TestWorkDir: the working directory is removed and made again, and is a link that is
// led elsewhere.
func TestWorkDir(t *testing.T) {
	top := realTempDir(t)
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	write := func(name string) {
		t.Helper()
		must(os.MkdirAll(filepath.Join(top, name), 0o755))
		must(os.WriteFile(filepath.Join(top, name, "fleet.yaml"), []byte(name), 0o600))
	}
	read := func() string {
		b, err := os.ReadFile("fleet.yaml")
		if err != nil {
			return "nothing"
		}
		return string(b)
	}
	check := func(want string) {
		t.Helper()
		if got := read(); got != want {
			t.Errorf("read %s, want %s", got, want)
		}
	}
	write("rev1")
	write("rev2")
	link := filepath.Join(top, "current")
	must(os.Symlink("rev1", link))
	t.Chdir(link)
	d, err := CurrentDir()
	must(err)
	must(d.Return())
	check("rev1")

	must(os.Remove(link))
	if err := d.Return(); err == nil {
		t.Error("a directory that does not exist is one")
	}
	check("rev1") // as long as it is there
	must(os.Symlink("rev2", link))
	must(d.Return())
	check("rev2")

	must(os.RemoveAll(filepath.Join(top, "rev2")))
	if err := d.Return(); err == nil {
		t.Error("a directory that does not exist is one")
	}
	check("nothing")
	write("rev2")
	check("nothing")
	must(d.Return())
	check("rev2")
}
