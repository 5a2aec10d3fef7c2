package emulator

import (
	"archive/tar"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator/storage"
	"fleet/internal/emulator/world"
)

// bucketClient is a client of the object storage of a rig.
type bucketClient struct {
	g                     *rig
	key, secret, token    string
	endpoint, bucket, org string
}

func (g *rig) storage() *bucketClient {
	g.t.Helper()
	a := g.must("GET", "/object-storage/push-access", nil)
	endpoint, err := url.Parse(a.text("storageUrl"))
	if err != nil || endpoint.Host != "example.com" {
		g.t.Fatalf("storageUrl: %s", a.raw)
	}
	return &bucketClient{
		g: g, key: a.text("accessKey"), secret: a.text("secret"), token: a.text("sessionToken"),
		endpoint: endpoint.Path, bucket: a.text("bucket"), org: a.text("organizationId"),
	}
}

// do sends a signed request for a key of the organisation; the key may contain a query.
func (s *bucketClient) do(method, key string, body []byte, header ...string) *httptest.ResponseRecorder {
	path := s.endpoint + "/" + s.bucket + "/"
	if !strings.HasPrefix(key, "?") {
		path += s.org + "/"
	}
	r := httptest.NewRequest(method, path+key, bytes.NewReader(body))
	for i := 0; i < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	s.sign(r)
	w := httptest.NewRecorder()
	s.g.srv.ServeHTTP(w, r)
	return w
}

func (s *bucketClient) sign(r *http.Request) {
	const day = "20261123"
	r.Header.Set("X-Amz-Date", day+"T100000Z")
	r.Header.Set("X-Amz-Security-Token", s.token)
	if r.Header.Get(storage.ContentHash) == "" {
		r.Header.Set(storage.ContentHash, "UNSIGNED-PAYLOAD")
	}
	sig := storage.Signature{AccessKey: s.key, Scope: []string{day, "us-east-1", "s3", "aws4_request"}, Headers: []string{"host", "x-amz-date"}}
	sig.Sum = sig.Compute(r, s.secret)
	r.Header.Set("Authorization", fmt.Sprintf("%s Credential=%s/%s, SignedHeaders=%s, Signature=%s",
		storage.Scheme, s.key, strings.Join(sig.Scope, "/"), strings.Join(sig.Headers, ";"), sig.Sum))
}

// upload stores a build context with these files and returns its hash.
func (s *bucketClient) upload(files ...string) string {
	s.g.t.Helper()
	hash := world.DigestOf(strings.Join(files, "\n"))[:32]
	if w := s.do("PUT", hash+"/context.tar", tarOf(files...)); w.Code != 200 {
		s.g.t.Fatalf("PUT: %d %s", w.Code, w.Body)
	}
	return hash
}

func tarOf(files ...string) []byte {
	var b bytes.Buffer
	out := tar.NewWriter(&b)
	for _, name := range files {
		head := &tar.Header{Name: name, Mode: 0o644, Size: int64(len(name)), Typeflag: tar.TypeReg}
		if strings.HasSuffix(name, "/") {
			head.Size, head.Typeflag = 0, tar.TypeDir
		}
		_ = out.WriteHeader(head)
		_, _ = out.Write([]byte(name)[:head.Size])
	}
	_ = out.Close()
	return b.Bytes()
}

func (s *bucketClient) expect(w *httptest.ResponseRecorder, status int, text string) {
	s.g.t.Helper()
	if w.Code != status || !strings.Contains(w.Body.String(), text) {
		s.g.t.Errorf("got %d %s, want %d %q", w.Code, w.Body, status, text)
	}
}

func TestObjects(t *testing.T) {
	for name, file := range map[string]string{"memory": "", "file": filepath.Join(t.TempDir(), "state")} {
		t.Run(name, func(t *testing.T) {
			g := newRig(t, Options{StateFile: file})
			s := g.storage()
			s.expect(s.do("HEAD", "h/context.tar", nil), 404, "")
			s.expect(s.do("GET", "?list-type=2&max-keys=1&prefix="+s.org+"%2Fh%2F", nil), 200, "<KeyCount>0</KeyCount>")
			s.expect(s.do("PUT", "h/context.tar", []byte("one")), 200, "")
			s.expect(s.do("PUT", "h/context.tar", []byte("two")), 200, "")
			s.expect(s.do("PUT", "i/context.tar", nil), 200, "")
			if file != "" {
				g.srv.Close()
				g = newRig(t, Options{StateFile: file})
				s = g.storage()
			}
			s.expect(s.do("GET", "h/context.tar", nil), 200, "two")
			head := s.do("HEAD", "h/context.tar", nil)
			s.expect(head, 200, "")
			if head.Header().Get("ETag") != `"b8a9f715dbb64fd5c56e7783c6820a61"` || head.Header().Get("Content-Length") != "3" {
				t.Errorf("HEAD: %v", head.Header())
			}
			list := s.do("GET", "?list-type=2&max-keys=1&prefix="+s.org+"/", nil)
			s.expect(list, 200, "<Key>"+s.org+"/h/context.tar</Key>")
			_, more, _ := strings.Cut(list.Body.String(), "<NextContinuationToken>")
			token, _, _ := strings.Cut(more, "<")
			s.expect(s.do("GET", "?list-type=2&prefix="+s.org+"&continuation-token="+url.QueryEscape(token), nil), 200, s.org+"/i/context.tar")
			s.expect(s.do("DELETE", "h/context.tar", nil), 405, "MethodNotAllowed")
			g.control("DELETE", "state", nil)
			s = g.storage()
			s.expect(s.do("GET", "h/context.tar", nil), 404, "NoSuchKey")
		})
	}
}

func TestStorageIsGuarded(t *testing.T) {
	g := newRig(t, Options{})
	good := g.storage()
	for name, c := range map[string]struct {
		spoil func(*bucketClient)
		code  string
	}{
		"key":    {func(s *bucketClient) { s.key = "AKIAUNKNOWN" }, "InvalidAccessKeyId"},
		"secret": {func(s *bucketClient) { s.secret += "x" }, "SignatureDoesNotMatch"},
		"token":  {func(s *bucketClient) { s.token = "" }, "InvalidTokenId"},
		"org":    {func(s *bucketClient) { s.org = "another" }, "AccessDenied"},
	} {
		s := *good
		c.spoil(&s)
		w := s.do("PUT", "h/context.tar", []byte("x"))
		if w.Code != 403 || !strings.Contains(w.Body.String(), "<Code>"+c.code+"</Code>") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
	good.expect(good.do("GET", "?list-type=2", nil), 403, "AccessDenied")
	good.expect(good.do("PUT", "h/context.tar", []byte("x"), storage.ContentHash, world.DigestOf("y")), 400, "XAmzContentSHA256Mismatch")
	good.expect(good.do("PUT", "h/context.tar", []byte("x"), storage.ContentHash, world.DigestOf("x")), 200, "")
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/s3/"+good.bucket+"/"+good.org+"/h/context.tar", nil))
	good.expect(w, 403, "AccessDenied")
	g.clock = g.clock.Add(time.Hour)
	good.expect(good.do("GET", "h/context.tar", nil), 400, "ExpiredToken")
	good.bucket = "other"
	g.clock = g.clock.Add(-time.Minute)
	good.expect(good.do("GET", "h/context.tar", nil), 404, "NoSuchBucket")
}

func TestChunkedUpload(t *testing.T) {
	g := newRig(t, Options{})
	s := g.storage()
	framed := "5;chunk-signature=" + strings.Repeat("0", 64) + "\r\nhello\r\n6\r\n world\r\n0\r\nx-amz-checksum-crc32:DUoRhQ==\r\n\r\n"
	headers := []string{storage.ContentHash, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "Content-Encoding", "aws-chunked", "X-Amz-Decoded-Content-Length", "11"}
	s.expect(s.do("PUT", "h/context.tar", []byte(framed), headers...), 200, "")
	s.expect(s.do("GET", "h/context.tar", nil), 200, "hello world")
	s.expect(s.do("PUT", "h/context.tar", []byte(framed[:100]), headers...), 400, "IncompleteBody")
	s.expect(s.do("PUT", "h/context.tar", bytes.Repeat([]byte("5"), 1<<20), headers...), 400, "buffer full")
	headers[5] = "12"
	s.expect(s.do("PUT", "h/context.tar", []byte(framed), headers...), 400, "11 bytes came, 12 were announced")
}

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
			first, second := s.part(at, 1, "replaced"), ""
			s.expect(s.complete(at, first+s.part(at, 2, "second")), 400, "EntityTooSmall")
			first, second = s.part(at, 1, big), s.part(at, 7, "second")
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
	r := httptest.NewRequest("PUT", s.endpoint+"/"+s.bucket+"/"+s.org+"/h/context.tar", io.MultiReader(strings.NewReader("x")))
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
