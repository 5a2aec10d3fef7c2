package main

import (
	"archive/tar"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// compareUploads returns the differences between what the SDK and fleet sent for an image.
func compareUploads(t *testing.T, name, dir string, theirs, ours upload) []string {
	t.Helper()
	var found []string
	if theirs.Dockerfile != ours.Dockerfile {
		found = append(found, dockerfileDifference(t, name, theirs.Dockerfile, ours.Dockerfile))
	}
	if len(theirs.Hashes) != len(ours.Hashes) {
		t.Fatalf("%s: the SDK sent %q and fleet %q", name, theirs.Hashes, ours.Hashes)
	}
	switch same := theirs.Ref == ours.Ref; {
	case !same:
		found = append(found, "image: built for each")
	case len(ours.Hashes) > 0 || theirs.Dockerfile != ours.Dockerfile:
		t.Errorf("%s: different content has one reference", name)
	}
	if len(ours.Hashes) == 0 && theirs.Dockerfile == ours.Dockerfile && theirs.Ref != ours.Ref {
		t.Errorf("%s: the same content has two references", name)
	}
	for i, hash := range ours.Hashes {
		const md5, sha256 = 32, 64 // digits
		if len(theirs.Hashes[i]) != md5 || len(hash) != sha256 {
			t.Errorf("%s: the hashes are %s and %s", name, theirs.Hashes[i], hash)
		}
		found = append(found, "hash: SHA-256 instead of MD5")
		found = append(found, compareArchives(t, name, dir, theirs.archives[i], ours.archives[i])...)
	}
	return found
}

// dockerfileDifference returns the class of the difference between two Dockerfiles.
func dockerfileDifference(t *testing.T, name, theirs, ours string) string {
	t.Helper()
	switch {
	case strings.ReplaceAll(theirs, "COPY ./", "COPY ") == ours:
		return "Dockerfile: paths are normalized"
	case strings.Contains(ours, `COPY ["`) && !strings.Contains(theirs, `COPY ["`):
		return "Dockerfile: JSON for paths"
	}
	t.Errorf("%s: the SDK wrote\n%s\nand fleet\n%s", name, theirs, ours)
	return "Dockerfile"
}

// compareArchives returns the differences between two archives of files in a directory.
func compareArchives(t *testing.T, name, dir string, theirs, ours []archived) []string {
	t.Helper()
	mine := map[string]archived{}
	var found, order []string
	for _, e := range ours {
		if e.Typeflag != tar.TypeReg || e.Uid != 0 || e.Gid != 0 || e.Uname != "" || e.ModTime.Unix() != 0 {
			t.Errorf("%s: fleet sent %+v", name, e.Header)
		}
		mine[e.Name] = e
	}
	links := []string{}
	for _, e := range theirs {
		own, sent := mine[strings.TrimSuffix(e.Name, "/")]
		delete(mine, e.Name)
		switch e.Typeflag {
		case tar.TypeDir:
			found = append(found, "directory: left out")
			if sent {
				t.Errorf("%s: fleet sent the directory %s", name, e.Name)
			}
		case tar.TypeSymlink:
			links = append(links, e.Name+"/")
			if sent {
				found = append(found, "link: the content of its target")
				compareContent(t, name, dir, path.Join(path.Dir(e.Name), e.Linkname), own)
			}
		case tar.TypeReg:
			if !sent && strings.HasSuffix(e.Name, ".log") {
				found = append(found, "file: left out by .dockerignore")
				continue
			}
			order = append(order, e.Name)
			found = append(found, compareFiles(t, name, dir, e, own)...)
		default:
			t.Errorf("%s: the SDK sent %+v", name, e.Header)
		}
	}
	if !slices.IsSorted(order) {
		found = append(found, "order: by name")
	}
	for extra := range mine {
		if !slices.ContainsFunc(links, func(l string) bool { return strings.HasPrefix(extra, l) }) {
			t.Errorf("%s: only fleet sent %s", name, extra)
			continue
		}
		found = append(found, "link to a directory: its files")
		compareContent(t, name, dir, extra, mine[extra])
	}
	if !slices.IsSortedFunc(ours, func(a, b archived) int { return strings.Compare(a.Name, b.Name) }) {
		t.Errorf("%s: the entries of fleet are not sorted", name)
	}
	return found
}

// compareFiles returns the differences between two entries of a file.
func compareFiles(t *testing.T, name, dir string, theirs, ours archived) []string {
	t.Helper()
	if ours.Header == nil {
		t.Errorf("%s: only the SDK sent %s", name, theirs.Name)
		return nil
	}
	compareContent(t, name, dir, theirs.Name, ours)
	if theirs.content != ours.content {
		t.Errorf("%s: %s differs", name, theirs.Name)
	}
	var found []string
	if !theirs.ModTime.Equal(ours.ModTime) {
		found = append(found, "time: none")
	}
	if theirs.Mode != ours.Mode {
		found = append(found, "mode: 0644 or 0755")
		if theirs.Mode&0o100 != ours.Mode&0o100 {
			t.Errorf("%s: the mode of %s is %o for the SDK and %o for fleet", name, theirs.Name, theirs.Mode, ours.Mode)
		}
	}
	return found
}

// compareContent checks that an entry has the content and mode of a file of the directory.
func compareContent(t *testing.T, name, dir, file string, e archived) {
	t.Helper()
	disk := filepath.Join(dir, filepath.FromSlash(file))
	text, err := os.ReadFile(disk)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(disk)
	if err != nil {
		t.Fatal(err)
	}
	mode := int64(0o644)
	if info.Mode()&0o100 != 0 {
		mode = 0o755
	}
	if e.content != string(text) || e.Mode != mode {
		t.Errorf("%s: fleet sent another content or mode of %s", name, file)
	}
}
