package client

import (
	"crypto/sha256"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
)

// readForm returns the parts of a request, as name=content, and whether it is complete.
func readForm(t *testing.T, req *http.Request) (parts []string, complete bool) {
	t.Helper()
	_, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil {
		t.Fatal(err)
	}
	for in := multipart.NewReader(req.Body, params["boundary"]); ; {
		p, err := in.NextPart()
		if errors.Is(err, io.EOF) {
			return parts, true
		}
		if err != nil {
			return parts, false
		}
		content, _ := io.ReadAll(p)
		parts = append(parts, p.FormName()+"="+string(content))
	}
}

// twoFiles writes a file with odd characters in its path, and an empty one.
func twoFiles(put func(string, io.Reader) error) error {
	return errors.Join(put("/etc/a \"b\"\nc", strings.NewReader("\x00\xff")), put("/empty", strings.NewReader("")))
}

// TestUploadFiles: each attempt has all files, and the last response decides.
func TestUploadFiles(t *testing.T) {
	for name, test := range map[string]struct {
		statuses []int
		class    ErrorClass
	}{
		"success": {[]int{200}, ""}, "a retry": {[]int{503, 200}, ""}, "refused": {[]int{400}, BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				attempts := 0
				c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
					parts, complete := readForm(t, req)
					want := "files[0].path=/etc/a \"b\"\nc|files[0].file=\x00\xff|files[1].path=/empty|files[1].file="
					if got := strings.Join(parts, "|"); got != want || !complete || req.URL.Path != "/toolbox/id/files/bulk-upload" {
						t.Errorf("%s has %q, complete %v", req.URL, got, complete)
					}
					attempts++
					return answer(test.statuses[attempts-1], map[string]any{"message": "no"}), nil
				}))
				err := c.UploadFiles(t.Context(), "id", twoFiles)
				if ErrorClassOf(err) != test.class || attempts != len(test.statuses) {
					t.Errorf("%d attempts, error %v", attempts, err)
				}
			})
		})
	}
}

// TestUploadOfFailingFiles: an error of a file ends the upload, is not repeated, and is
// returned even if the server accepts a part of the body. A server that reads no body does
// not keep the upload from ending.
func TestUploadOfFailingFiles(t *testing.T) {
	changed := errors.New("changed")
	for _, reads := range []bool{true, false} {
		synctest.Test(t, func(t *testing.T) {
			attempts := 0
			c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
				attempts++
				if reads {
					if _, complete := readForm(t, req); complete {
						t.Error("the form is complete")
					}
				}
				return answer(200, nil), nil
			}))
			err := c.UploadFiles(t.Context(), "id", func(put func(string, io.Reader) error) error {
				if err := put("/a", strings.NewReader("x")); err != nil {
					return err
				}
				return changed
			})
			if reads && !errors.Is(err, changed) || attempts != 1 {
				t.Errorf("reads %v: %d attempts, error %v", reads, attempts, err)
			}
		})
	}
}

func TestSetFileMode(t *testing.T) {
	c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
		if got := req.Method + " " + req.URL.RequestURI(); got != "POST /toolbox/id/files/permissions?mode=0640&path=%2Fa+b%26c" {
			t.Error(got)
		}
		return answer(200, nil), nil
	}))
	if err := c.SetFileMode(t.Context(), "id", "/a b&c", 0o640); err != nil {
		t.Error(err)
	}
}

// countedBody is a body without an end, which counts what was read of it.
type countedBody struct{ read int64 }

func (e *countedBody) Read(p []byte) (int, error) {
	e.read += int64(len(p))
	return len(p), nil
}

func (*countedBody) Close() error { return nil }

// TestFileDigest: no more is read of a file than its limit allows.
func TestFileDigest(t *testing.T) {
	body := &countedBody{}
	for path, test := range map[string]struct {
		res   *http.Response
		size  int64
		class ErrorClass
	}{
		"/a":       {text200("application/octet-stream", "abc"), 3, ""},
		"/empty":   {text200("application/octet-stream", ""), 0, ""},
		"/large":   {text200("application/octet-stream", "abcdefghi"), 9, ""},
		"/endless": {&http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: body}, 9, ""},
		"/missing": {answer(404, map[string]any{"message": "file not found: /missing"}), 0, NotFound},
		"/broken":  {&http.Response{StatusCode: http.StatusOK, Header: http.Header{}, Body: io.NopCloser(io.MultiReader(strings.NewReader("ab"), brokenBody{}))}, 0, Unreachable},
	} {
		c := over(t, proxied(func(req *http.Request) (*http.Response, error) {
			if req.Method != http.MethodGet || req.URL.Query().Get("path") != path {
				t.Errorf("%s %s", req.Method, req.URL)
			}
			return test.res, nil
		}))
		digest, size, err := c.FileDigest(t.Context(), "id", path, 8)
		if size != test.size || ErrorClassOf(err) != test.class {
			t.Errorf("%s: %d bytes, error %v", path, size, err)
		}
		if path == "/a" && digest != sha256.Sum256([]byte("abc")) || size > 8 && digest != [32]byte{} {
			t.Errorf("%s: digest %x", path, digest)
		}
	}
	if body.read > 64<<10 {
		t.Errorf("%d bytes were read of a body without an end", body.read)
	}
}

// brokenBody is a connection that breaks.
type brokenBody struct{}

func (brokenBody) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
