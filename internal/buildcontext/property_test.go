package buildcontext

import (
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A model is the expected content of an archive: modes and texts by path.
type model map[string]sent

// drawTree draws the files of a tree. No file is above another one.
func drawTree(t *rapid.T) model {
	name := rapid.SampledFrom([]string{"a", "b", "c.txt", "ü", "x y", "-", "Z"})
	m := model{}
	for range rapid.IntRange(1, 12).Draw(t, "files") {
		file := strings.Join(rapid.SliceOfN(name, 1, 4).Draw(t, "path"), "/")
		above := slices.ContainsFunc(slices.Collect(maps.Keys(m)), func(other string) bool {
			return strings.HasPrefix(other+"/", file+"/") || strings.HasPrefix(file+"/", other+"/")
		})
		if !above {
			mode := rapid.SampledFrom([]int64{0o644, 0o755}).Draw(t, "mode")
			m[file] = sent{mode, rapid.StringN(0, 20, 50).Draw(t, "text")}
		}
	}
	return m
}

// build writes a model into a new directory, in a random order, with a random umask and
// random times.
func (m model) build(t *testing.T) string {
	root := t.TempDir()
	umask := []fs.FileMode{0, 0o002, 0o022, 0o027, 0o077}[rand.IntN(5)]
	names := slices.Sorted(maps.Keys(m))
	rand.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	for _, name := range names {
		write(t, root, name, "")
		file := filepath.Join(root, name)
		check(t, os.WriteFile(file, []byte(m[name].text), 0o600))
		check(t, os.Chmod(file, (fs.FileMode(m[name].mode)|0o022)&^umask))
		at := time.Unix(rand.Int64N(2_000_000_000), 0)
		check(t, os.Chtimes(file, at, at))
	}
	check(t, os.MkdirAll(filepath.Join(root, "empty/empty"), 0o700))
	return root
}

// change changes one thing of a model.
func (m model) change(t *rapid.T) model {
	other := maps.Clone(m)
	name := rapid.SampledFrom(slices.Sorted(maps.Keys(m))).Draw(t, "changed")
	f := other[name]
	switch rapid.SampledFrom([]string{"text", "mode", "name", "remove", "add", "move"}).Draw(t, "change") {
	case "text":
		f.text += rapid.StringN(1, 5, 20).Draw(t, "more")
		other[name] = f
	case "mode":
		f.mode ^= 0o111
		other[name] = f
	case "name":
		delete(other, name)
		other[name+"2"] = f
	case "remove":
		delete(other, name)
	case "add":
		other["new"] = sent{0o644, ""}
	case "move":
		delete(other, name)
		other["new/"+name] = f
	}
	return other
}

// TestHashProperty holds the hash to depend on paths, modes and contents alone, and the
// archive to be the manifest and the files on disk.
func TestHashProperty(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := drawTree(rt)
		root := m.build(t)
		one, two := manifestOf(t, Source{Root: root}), manifestOf(t, Source{Root: m.build(t)})
		if one.Hash != two.Hash {
			rt.Errorf("two hashes for %v", m)
		}
		got := unpack(t, one)
		if !maps.Equal(got, map[string]sent(m)) || !maps.Equal(got, walk(t, root)) || len(one.Files) != len(m) {
			rt.Errorf("the archive has %v, want %v", got, m)
		}
		if d := Diff(one, two); d.Count() != 0 || d.Total != len(m) {
			rt.Errorf("differences %+v", d)
		}
		other := m.change(rt)
		three := manifestOf(t, Source{Root: other.build(t)})
		if three.Hash == one.Hash || Diff(one, three).Count() == 0 {
			rt.Errorf("%v and %v have one hash", m, other)
		}
	})
}

// walk returns the files of a directory as filepath.WalkDir finds them.
func walk(t *testing.T, root string) map[string]sent {
	files := map[string]sent{}
	check(t, filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		info, err := e.Info()
		check(t, err)
		text, err := os.ReadFile(file)
		check(t, err)
		rel, err := filepath.Rel(root, file)
		files[filepath.ToSlash(rel)] = sent{int64(archiveMode(info.Mode())), string(text)}
		return err
	}))
	return files
}

// The hash names objects in the storage: a new version of fleet must compute the same.
func TestHashVector(t *testing.T) {
	root := tree(t, map[string]string{"app/main.py": "print()\n", "requirements.txt": "requests>=2\n"})
	check(t, os.Chmod(filepath.Join(root, "app/main.py"), 0o755))
	const want = "98645bbead7763dd725631a8f877a25b2c9ebcc30864a74875335001eaf16fad"
	if got := manifestOf(t, Source{Root: root}).Hash; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
