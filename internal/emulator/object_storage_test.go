package emulator

import (
	"archive/tar"
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
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
