package main

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator"
)

// An uploadSite is an emulator on the network, and a directory with the local files.
type uploadSite struct {
	server          *emulator.Server
	url, dir, blobs string
}

func newUploadSite(t *testing.T) *uploadSite {
	t.Helper()
	state := filepath.Join(t.TempDir(), "state")
	server, err := emulator.New(emulator.Options{Key: testKey, Control: true, StateFile: state})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() {
		web.Close()
		_ = server.Close()
	})
	s := &uploadSite{server: server, url: web.URL, dir: t.TempDir(), blobs: state + ".objects"}
	for name, text := range uploadFiles {
		s.write(t, name, text)
	}
	for name, mode := range uploadModes {
		if err := os.Chmod(filepath.Join(s.dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// write creates a file, a directory or a link; see uploadFiles.
func (s *uploadSite) write(t *testing.T, name, text string) {
	t.Helper()
	file := filepath.Join(s.dir, name)
	dir := filepath.Dir(file)
	if strings.HasSuffix(name, "/") {
		dir = file
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if dir == file {
		return
	}
	var err error
	if target, isLink := strings.CutPrefix(text, "-> "); isLink {
		err = os.Symlink(target, file)
	} else if err = os.WriteFile(file, []byte(text), 0o644); err == nil {
		err = os.Chtimes(file, time.Time{}, time.Unix(1e9, 0))
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run runs a command in the directory, with the emulator as its server, and returns its
// output.
func (s *uploadSite) run(t *testing.T, input string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Stdin = s.dir, strings.NewReader(input)
	home := t.TempDir()
	cmd.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + home,
		"DAYTONA_API_URL=" + s.url + "/api", "DAYTONA_API_KEY=" + testKey, "GORACE=atexit_sleep_ms=0",
	}
	var problems bytes.Buffer
	cmd.Stderr = &problems
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%v: %v\n%s", command, err, problems.String())
	}
	return string(out)
}

// get decodes the response to a request.
func (s *uploadSite) get(t *testing.T, path string, into any) {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Authorization", "Bearer "+testKey)
	w := httptest.NewRecorder()
	s.server.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), into); err != nil {
		t.Fatalf("%s: %v: %s", path, err, w.Body)
	}
}

// An upload is what an image was built from.
type upload struct {
	Dockerfile string   `json:"dockerfileContent"`
	Hashes     []string `json:"contextHashes"`
	Ref        string   `json:"snapshotRef"`
	archives   [][]archived
}

// An archived file is an entry of an archive.
type archived struct {
	*tar.Header
	content string
}

// upload returns what the snapshot was built from.
func (s *uploadSite) upload(t *testing.T, snapshot string) upload {
	t.Helper()
	var found struct{ BuildInfo upload }
	s.get(t, "/api/snapshots/"+snapshot, &found)
	u := found.BuildInfo
	for _, hash := range u.Hashes {
		u.archives = append(u.archives, entries(t, s.object(t, hash)))
	}
	return u
}

// contextPath is the path of an object with the local files of an image.
var contextPath = regexp.MustCompile(`^[0-9a-f-]{36}/([0-9a-f]+)/context\.tar$`)

// object returns the content of the object of a hash.
func (s *uploadSite) object(t *testing.T, hash string) []byte {
	t.Helper()
	var stored struct {
		Objects []struct {
			Key   string
			Blobs []string
		}
	}
	s.get(t, "/_emulator/objects", &stored)
	for _, o := range stored.Objects {
		m := contextPath.FindStringSubmatch(o.Key)
		if m == nil {
			t.Fatalf("an object has the path %s", o.Key)
		}
		if m[1] != hash {
			continue
		}
		var content []byte
		for _, blob := range o.Blobs {
			part, err := os.ReadFile(filepath.Join(s.blobs, blob))
			if err != nil {
				t.Fatal(err)
			}
			content = append(content, part...)
		}
		return content
	}
	t.Fatalf("there is no object of hash %s", hash)
	return nil
}

// entries returns the entries of an archive.
func entries(t *testing.T, content []byte) []archived {
	t.Helper()
	var list []archived
	for r := tar.NewReader(bytes.NewReader(content)); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return list
		}
		if err != nil {
			t.Fatal(err)
		}
		text, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, archived{h, string(text)})
	}
}
