package emulator

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"fleet/internal/emulator/world"
)

// begin starts an upload in parts, and returns its address.
func (s *bucketClient) begin(key string) string {
	s.g.t.Helper()
	w := s.do("POST", key+"?uploads=", nil)
	s.expect(w, 200, "<UploadId>")
	_, id, _ := strings.Cut(w.Body.String(), "<UploadId>")
	id, _, _ = strings.Cut(id, "<")
	return key + "?uploadId=" + id
}

// part uploads a part, and returns its element in the request that completes the upload.
func (s *bucketClient) part(at string, n int, text string) string {
	s.g.t.Helper()
	w := s.do("PUT", fmt.Sprintf("%s&partNumber=%d", at, n), []byte(text))
	s.expect(w, 200, "")
	return fmt.Sprintf("<Part><ETag>%s</ETag><PartNumber>%d</PartNumber></Part>", w.Header().Get("ETag"), n)
}

func (s *bucketClient) complete(at, order string) *httptest.ResponseRecorder {
	whole := `<CompleteMultipartUpload xmlns="http://s3.amazonaws.com/doc/2006-03-01/">` + order + "</CompleteMultipartUpload>"
	return s.do("POST", at, []byte(whole))
}

// stored returns the objects and the number of incomplete uploads.
func (g *rig) stored() (objects []string, uploads int) {
	g.t.Helper()
	var all struct {
		Objects []struct{ Key string }
		Uploads int
	}
	if err := json.Unmarshal([]byte(g.control("GET", "objects", nil).raw), &all); err != nil {
		g.t.Fatal(err)
	}
	for _, o := range all.Objects {
		objects = append(objects, o.Key)
	}
	return objects, all.Uploads
}

// blobs returns the number of files of the store.
func blobs(t *testing.T, stateFile string) int {
	t.Helper()
	entries, err := os.ReadDir(stateFile + ".objects")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestMultipartUpload(t *testing.T) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "state")} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, Options{StateFile: file})
			s := g.storage()
			at := s.begin("h/context.tar")
			big := strings.Repeat("first ", 5<<20/6+1)
			s.expect(s.complete(at, s.part(at, 1, "replaced")+s.part(at, 2, "second")), 400, "EntityTooSmall")
			first, second := s.part(at, 1, big), s.part(at, 7, "second")
			s.expect(s.do("POST", at, []byte("<CompleteMultipartUpload><Part><PartNumber>9</PartNumber></Part></CompleteMultipartUpload>")), 400, "InvalidPart")
			s.expect(s.do("POST", at, []byte("junk")), 400, "MalformedXML")
			s.expect(s.complete(at, second+first), 400, "InvalidPartOrder")
			s.expect(s.complete(at, first+first), 400, "InvalidPartOrder")
			s.expect(s.do("HEAD", "h/context.tar", nil), 404, "")
			s.expect(s.complete(at, first+second), 200, "-2")
			if got := s.do("GET", "h/context.tar", nil); got.Body.String() != big+"second" || got.Header().Get("Content-Length") != fmt.Sprint(len(big)+6) {
				t.Errorf("got %d bytes, %v", got.Body.Len(), got.Header())
			}
			s.expect(s.complete(at, first+second), 404, "NoSuchUpload")
			if file != "" && blobs(t, file) != 2 {
				t.Errorf("%d files", blobs(t, file))
			}
			at = s.begin("i/context.tar")
			s.expect(s.do("PUT", at+"&partNumber=0", nil), 400, "InvalidArgument")
			s.expect(s.do("PUT", at+"&partNumber=10001", nil), 400, "InvalidArgument")
			s.expect(s.do("PUT", strings.Replace(at, "i/", "h/", 1)+"&partNumber=1", nil), 404, "NoSuchUpload")
			_ = s.part(at, 1, "unused")
			if _, uploads := g.stored(); uploads != 1 {
				t.Errorf("%d incomplete uploads", uploads)
			}
			s.expect(s.do("DELETE", at, nil), 204, "")
			s.expect(s.do("PUT", at+"&partNumber=1", nil), 404, "NoSuchUpload")
			if objects, uploads := g.stored(); len(objects) != 1 || uploads != 0 {
				t.Errorf("%v, %d incomplete uploads", objects, uploads)
			}
			if file != "" && blobs(t, file) != 2 {
				t.Errorf("%d files", blobs(t, file))
			}
			s.expect(s.do("PUT", "h/context.tar", []byte("small")), 200, "")
			s.expect(s.do("GET", "h/context.tar", nil), 200, "small")
			if file != "" && blobs(t, file) != 1 {
				t.Errorf("%d files", blobs(t, file))
			}
		})
	}
}

// TestRestartDuringUpload checks that parts do not outlive the emulator, and objects do.
func TestRestartDuringUpload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	g := newRig(t, Options{StateFile: file})
	s := g.storage()
	s.expect(s.do("PUT", "h/context.tar", []byte("kept")), 200, "")
	at := s.begin("i/context.tar")
	_ = s.part(at, 1, "lost")
	g.srv.Close()
	g = newRig(t, Options{StateFile: file})
	s = g.storage()
	s.expect(s.do("PUT", at+"&partNumber=2", nil), 404, "NoSuchUpload")
	s.expect(s.do("GET", "h/context.tar", nil), 200, "kept")
	if objects, uploads := g.stored(); len(objects) != 1 || uploads != 0 || blobs(t, file) != 1 {
		t.Errorf("%v, %d incomplete uploads, %d files", objects, uploads, blobs(t, file))
	}
}

// TestObjectsOfOlderVersions reads an object of a version that named its file by the key.
func TestObjectsOfOlderVersions(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	g := newRig(t, Options{StateFile: file})
	key := world.OrganizationID + "/h/context.tar"
	g.srv.Close()
	record := fmt.Sprintf(`{"kind":"object","id":%q,"value":{"key":%q,"size":3,"etag":"\"x\"","modified":"2026-11-23T10:00:00.000Z"}}`, key, key)
	appendTo(t, file, record+"\n")
	if err := os.MkdirAll(file+".objects", 0o700); err != nil {
		t.Fatal(err)
	}
	old := filepath.Join(file+".objects", world.DigestOf(key))
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	g = newRig(t, Options{StateFile: file})
	s := g.storage()
	s.expect(s.do("GET", "h/context.tar", nil), 200, "old")
	s.expect(s.do("PUT", "h/context.tar", []byte("new")), 200, "")
	s.expect(s.do("GET", "h/context.tar", nil), 200, "new")
	if _, err := os.Stat(old); !os.IsNotExist(err) {
		t.Errorf("the old file is still there: %v", err)
	}
}

func appendTo(t *testing.T, file, text string) {
	t.Helper()
	f, err := os.OpenFile(file, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if _, err := f.WriteString(text); err != nil {
		t.Fatal(err)
	}
}

// TestStorageFaults checks that a fault replaces a request, and does not concern others.
func TestStorageFaults(t *testing.T) {
	g := newRig(t, Options{Faults: []string{
		"503 PUT /s3 count=1 retry-after=7", "400 PUT /s3/ count=1 code=ExpiredToken message=Too old.",
		"500 GET count=1", // of the API
	}})
	if a := g.api("GET", "/object-storage/push-access", nil); a.status != 500 {
		t.Errorf("the fault of the API was not for the API: %d", a.status)
	}
	s := g.storage()
	w := s.do("PUT", "h/context.tar", []byte("x"))
	s.expect(w, 503, "<Code>SlowDown</Code>")
	if w.Header().Get("Retry-After") != "7" {
		t.Errorf("headers %v", w.Header())
	}
	s.expect(s.do("HEAD", "h/context.tar", nil), 404, "")
	s.expect(s.do("PUT", "h/context.tar", []byte("x")), 400, "<Code>ExpiredToken</Code><Message>Too old.</Message>")
	s.expect(s.do("PUT", "h/context.tar", []byte("x")), 200, "")
	g.control("POST", "faults", map[string]any{"kind": "reset-upload", "path": "/s3", "bytes": 1, "count": 1})
	func() {
		defer func() {
			if recover() != http.ErrAbortHandler { //nolint:errorlint // what net/http panics with
				t.Error("the connection was not closed")
			}
		}()
		s.do("PUT", "h/context.tar", []byte("other"))
	}()
	s.expect(s.do("GET", "h/context.tar", nil), 200, "x")
}

// TestLengthIsRequired checks a body without a length.
func TestLengthIsRequired(t *testing.T) {
	g := newRig(t, Options{})
	s := g.storage()
	r := httptest.NewRequest(http.MethodPut, s.endpoint+"/"+s.bucket+"/"+s.org+"/h/context.tar", io.MultiReader(strings.NewReader("x")))
	r.ContentLength = -1
	s.sign(r)
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, r)
	s.expect(w, 411, "MissingContentLength")
}

func TestContentDigest(t *testing.T) {
	g := newRig(t, Options{})
	s := g.storage()
	s.expect(s.do("PUT", "h/context.tar", []byte("x"), "Content-Md5", "rL0Y20zC+Fzt72VPzMSk2A=="), 400, "BadDigest")
	s.expect(s.do("HEAD", "h/context.tar", nil), 404, "")
	s.expect(s.do("PUT", "h/context.tar", []byte("foo"), "Content-Md5", "rL0Y20zC+Fzt72VPzMSk2A=="), 200, "")
}

// TestBrokenUpload ends bodies too early. Nothing of them is kept.
func TestBrokenUpload(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state")
	g := newRig(t, Options{StateFile: file})
	s := g.storage()
	at := s.begin("i/context.tar")
	for _, key := range []string{"h/context.tar", at + "&partNumber=1"} {
		r := httptest.NewRequest(http.MethodPut, s.endpoint+"/"+s.bucket+"/"+s.org+"/"+key, iotest.ErrReader(io.ErrUnexpectedEOF))
		r.Body = io.NopCloser(io.MultiReader(strings.NewReader("begin"), r.Body))
		r.ContentLength = 10
		s.sign(r)
		w := httptest.NewRecorder()
		g.srv.ServeHTTP(w, r)
		s.expect(w, 400, "IncompleteBody")
	}
	s.expect(s.complete(at, "<Part><PartNumber>1</PartNumber></Part>"), 400, "InvalidPart")
	if objects, _ := g.stored(); len(objects) != 0 || blobs(t, file) != 0 {
		t.Errorf("%v, %d files", objects, blobs(t, file))
	}
}

// A resetter is a body during which everything is reset.
type resetter struct{ g *rig }

func (r resetter) Read([]byte) (int, error) {
	r.g.control("DELETE", "state", nil)
	return 0, io.EOF
}

func TestResetDuringUpload(t *testing.T) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "state")} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, Options{StateFile: file})
			s := g.storage()
			r := httptest.NewRequest(http.MethodPut, s.endpoint+"/"+s.bucket+"/"+s.org+"/h/context.tar", resetter{g})
			r.ContentLength = 0
			s.sign(r)
			w := httptest.NewRecorder()
			g.srv.ServeHTTP(w, r)
			s.expect(w, 503, "ServiceUnavailable")
			if objects, _ := g.stored(); len(objects) != 0 || file != "" && blobs(t, file) != 0 {
				t.Errorf("%v", objects)
			}
		})
	}
}
