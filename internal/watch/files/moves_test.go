package files

import (
	"os"
	"path/filepath"
	"testing"
)

// TestVanishedDirectory: what is read is found again after a directory above it was
// removed and made again, step by step, or was replaced as a whole.
func TestVanishedDirectory(t *testing.T) {
	t.Parallel()
	for _, reads := range []string{"a/b/specs/", "a/b/specs/fleet.yaml"} {
		for _, gone := range []string{"a", "a/b", "a/b/specs"} {
			h := newHarness(t, Options{}, func(h *harness) { h.write("a/b/specs/fleet.yaml", "first") }, only(reads))
			for range 2 {
				h.remove(gone)
				h.changed(gone)
				h.mkdir(gone)
				h.changed(gone)
				h.write("a/b/specs/fleet.yaml", "back")
				h.changed("a/b")
				h.write("a/b/specs/fleet.yaml", "changed")
				h.changed("fleet.yaml")

				h.write("new/b/specs/fleet.yaml", "replaced")
				h.rename(gone, "old")
				h.rename(filepath.Join("new", gone[1:]), gone)
				h.changed(gone)
				h.write("a/b/specs/fleet.yaml", "changed again")
				h.changed("fleet.yaml")
				h.write("old/fleet.yaml", "of no interest")
				h.write("old/specs/fleet.yaml", "of no interest")
				h.unchanged()
				h.remove("old")
				h.remove("new")
				h.unchanged()
			}
		}
	}
}

// TestWholeReplaced: a directory is removed and made again before the files are read.
func TestWholeReplaced(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) { h.write("specs/part/fleet.yaml", "first") }, only("specs/part/fleet.yaml", "specs/part/"))
	for range 3 {
		h.remove("specs")
		h.write("specs/part/fleet.yaml", "back")
		h.changed("specs")
		h.write("specs/part/fleet.yaml", "changed")
		h.changed("specs/part/fleet.yaml")
	}
	h.unchanged()
}

// TestWatchedAtOnce: a directory that appears is watched before its change is reported,
// so that files that are still being written to it delay the report.
func TestWatchedAtOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml", "specs/part.yaml", "a/b/part.yaml"))
	h.mkdir("specs")
	h.drain()
	h.write("specs/part.yaml", "new")
	h.changed("specs, specs/part.yaml")
	h.mkdir("a/b")
	h.drain()
	h.write("a/b/part.yaml", "new")
	h.changed("a/b/part.yaml")
}

// TestMissing: what does not exist is watched from the first directory that does.
func TestMissing(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, one, only("fleet.yaml", "a/b/part.yaml", "a/c/d/"))
	h.mkdir("a/b")
	h.changed("a")
	h.write("a/b/part.yaml", "new")
	h.changed("a/b/part.yaml")
	h.mkdir("a/c")
	h.changed("a/c")
	h.mkdir("a/c/d")
	h.changed("a/c/d")
	h.write("a/c/d/part.yaml", "new")
	h.changed("a/c/d/part.yaml")
	h.write("a/b/other.yaml", "of no interest")
	h.unchanged()
}

// TestFileInPlaceOfDirectory: a file where a directory should be is none that ends the
// watch.
func TestFileInPlaceOfDirectory(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) { h.write("specs/fleet.yaml", "first") }, only("specs/fleet.yaml"))
	h.remove("specs")
	h.write("specs", "a file")
	h.changed("specs")
	h.remove("specs")
	h.write("specs/fleet.yaml", "back")
	h.changed("specs")
	h.unchanged()
}

// TestLinkedDirectorySwapped: deployments lead a link from one revision to the next. It
// may be anywhere on the way, and relative or not.
func TestLinkedDirectorySwapped(t *testing.T) {
	t.Parallel()
	for _, absolute := range []bool{false, true} {
		for _, reads := range []string{"current/specs/fleet.yaml", "current/specs/"} {
			h := newHarness(t, Options{}, func(h *harness) {
				for _, rev := range []string{"rev1", "rev2", "rev3"} {
					h.write("revisions/"+rev+"/specs/fleet.yaml", rev)
				}
				h.link("revisions/rev1", "current")
			}, only(reads))
			h.write("revisions/rev2/specs/fleet.yaml", "of no interest yet")
			h.unchanged()
			for _, rev := range []string{"revisions/rev2", "revisions/rev3", "revisions/rev1"} {
				target := rev
				if absolute {
					target = h.path(rev)
				}
				h.link(target, "current")
				h.changed("current")
				h.write(rev+"/specs/fleet.yaml", "changed")
				h.changed(rev + "/specs/fleet.yaml")
				h.unchanged()
			}
			h.remove("revisions/rev3")
			h.unchanged()
		}
	}
}

// TestLinkThatMovesAway: a link is removed and made again, as by ln -sfn.
func TestLinkThatMovesAway(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) {
		h.write("rev1/fleet.yaml", "1")
		h.write("rev2/fleet.yaml", "2")
		h.link("rev1", "current")
	}, only("current/fleet.yaml"))
	h.remove("current")
	h.changed("current")
	h.must(os.Symlink("rev2", h.path("current")))
	h.changed("current")
	h.write("rev2/fleet.yaml", "changed")
	h.changed("rev2/fleet.yaml")
	h.unchanged()
}

// TestLinkedFile: the target of a linked file is edited in place, replaced, removed and
// made again; its directory vanishes; the link leads to a link.
func TestLinkedFile(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) {
		h.write("dotfiles/fleet/fleet.yaml", "first")
		h.link("../dotfiles/fleet", "links")
		h.remove("links")
		h.mkdir("links")
		h.link("../dotfiles/fleet/fleet.yaml", "links/fleet.yaml")
		h.mkdir("spec")
		h.link("../links/fleet.yaml", "spec/fleet.yaml")
	}, only("spec/fleet.yaml"))
	h.write("dotfiles/fleet/fleet.yaml", "changed")
	h.changed("dotfiles/fleet/fleet.yaml")
	h.replace("dotfiles/fleet/fleet.yaml", "replaced")
	h.changed("dotfiles/fleet/fleet.yaml")
	h.remove("dotfiles/fleet/fleet.yaml")
	h.changed("dotfiles/fleet/fleet.yaml")
	h.write("dotfiles/fleet/fleet.yaml", "back")
	h.changed("dotfiles/fleet/fleet.yaml")
	h.remove("dotfiles")
	h.changed("dotfiles")
	h.write("dotfiles/fleet/fleet.yaml", "back again")
	h.changed("dotfiles")
	h.write("other.yaml", "other")
	h.link("../other.yaml", "links/fleet.yaml")
	h.changed("links/fleet.yaml")
	h.write("dotfiles/fleet/fleet.yaml", "of no interest")
	h.unchanged()
	h.write("other.yaml", "changed")
	h.changed("other.yaml")
}

// TestMountedConfiguration: a mounted ConfigMap is a link to a link to a file. An update
// swaps the second link.
func TestMountedConfiguration(t *testing.T) {
	t.Parallel()
	for _, reads := range []string{"fleet.yaml", "./"} {
		h := newHarness(t, Options{}, func(h *harness) {
			h.write("..1/fleet.yaml", "1")
			h.write("..2/fleet.yaml", "2")
			h.link("..1", "..data")
			h.link("..data/fleet.yaml", "fleet.yaml")
		}, only(reads, "fleet.yaml"))
		for _, v := range []string{"..2", "..1"} {
			h.link(v, "..data")
			h.changed("..data")
			h.unchanged()
		}
	}
}

// TestLinksInDirectory: a linked directory and a linked file are watched in their real
// place, and the links where they are.
func TestLinksInDirectory(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) {
		for _, dir := range []string{"specs", "teams", "files", "other"} {
			h.mkdir(dir)
		}
		h.write("files/one.yaml", "")
		h.link("../teams", "specs/teams")
		h.link("../files/one.yaml", "specs/one.yaml")
	}, only("specs/", "specs/teams/", "specs/one.yaml"))
	h.watched = h.path("specs")
	h.replace("teams/a.yaml", "new")
	h.changed("teams/a.yaml")
	h.replace("files/one.yaml", "changed")
	h.changed("files/one.yaml")
	h.link("../other", "specs/teams")
	h.changed("specs/teams")
	h.replace("teams/a.yaml", "no longer linked")
	h.replace("files/two.yaml", "not linked")
	h.unchanged()
	h.replace("other/a.yaml", "new")
	h.changed("other/a.yaml")
}

// TestDanglingLink: a link in a directory that leads nowhere is an error of the spec
// until it leads somewhere.
func TestDanglingLink(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) {
		h.mkdir("specs")
		h.link("../later/one.yaml", "specs/one.yaml")
		h.link("two.yaml", "specs/one2.yaml")
		h.link("one2.yaml", "specs/two.yaml") // a cycle
	}, only("specs/"))
	h.mkdir("later")
	h.changed("later")
	h.write("later/one.yaml", "there")
	h.changed("later/one.yaml")
	h.link("../later/one.yaml", "specs/two.yaml")
	h.changed("specs/two.yaml")
}

// TestNewDirectory: with recursive reading, a directory that appears in a watched one is
// a change.
func TestNewDirectory(t *testing.T) {
	t.Parallel()
	h := newHarness(t, Options{}, func(h *harness) { h.mkdir("specs"); h.mkdir("other") }, only("specs/"))
	h.mkdir("specs/unread")
	h.unchanged()
	s := NewSet(h.dir, true)
	s.AddDir("specs")
	h.w.Watch(s, true)
	h.link("../other", "specs/more")
	h.cause()
	h.mkdir("specs/again")
	h.cause()
	h.write("specs/notes.txt", "")
	h.mkdir("specs/.git")
	h.unchanged()
}

// TestNoLeak: however often directories are replaced, one watcher of the system is open,
// with as many watches as directories.
func TestNoLeak(t *testing.T) {
	h := newHarness(t, Options{}, func(h *harness) {
		h.write("rev1/fleet.yaml", "1")
		h.write("rev2/fleet.yaml", "2")
		h.link("rev1", "current")
	}, only("current/fleet.yaml"))
	before := watches(t)
	for i := range 20 {
		h.link([]string{"rev2", "rev1"}[i%2], "current")
		h.changed("current")
		h.remove("rev1")
		h.write("rev1/fleet.yaml", "1")
		if i%2 == 1 {
			h.changed("rev1")
		}
	}
	h.unchanged()
	if after := watches(t); after != before {
		t.Errorf("watches: %d, before %d", after, before)
	}
}
