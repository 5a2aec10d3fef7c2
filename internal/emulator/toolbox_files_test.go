package emulator

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"fleet/internal/emulator/world"
)

// form returns a form with these parts: name=content, with a file name if the name ends in
// file.
func form(t *testing.T, parts ...string) (contentType, body string) {
	t.Helper()
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for _, p := range parts {
		name, content, _ := strings.Cut(p, "=")
		var out io.Writer
		var err error
		if strings.HasSuffix(name, "file") {
			out, err = w.CreateFormFile(name, "any")
		} else {
			out, err = w.CreateFormField(name)
		}
		if err != nil {
			t.Fatal(err)
		}
		io.WriteString(out, content)
	}
	w.Close()
	return w.FormDataContentType(), b.String()
}

// upload sends a form to a path of a toolbox.
func (g *rig) upload(id, path string, parts ...string) got {
	g.t.Helper()
	contentType, body := form(g.t, parts...)
	return g.send(toolboxPrefix+"/"+id+path, contentType, body)
}

func (g *rig) send(path, contentType, body string) got {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+g.key)
	r.Header.Set("Content-Type", contentType)
	w := httptest.NewRecorder()
	g.srv.ServeHTTP(w, r)
	return got{status: w.Code, header: w.Result().Header, raw: w.Body.String()}
}

// download returns the parts of a download of several files: their kind, name and content.
func (g *rig) download(id string, paths ...any) string {
	g.t.Helper()
	a := g.do("POST", toolboxPrefix+"/"+id+"/files/bulk-download", obj("paths", paths))
	_, params, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	if err != nil || a.status != 200 {
		g.t.Fatalf("%d %s: %v", a.status, a.raw, err)
	}
	var all []string
	for parts := multipart.NewReader(strings.NewReader(a.raw), params["boundary"]); ; {
		p, err := parts.NextPart()
		if err == io.EOF {
			return strings.Join(all, "; ")
		}
		if err != nil {
			g.t.Fatal(err)
		}
		_, disposition, _ := mime.ParseMediaType(p.Header.Get("Content-Disposition"))
		content, _ := io.ReadAll(p)
		if p.Header.Get("Content-Length") != fmt.Sprint(len(content)) {
			g.t.Errorf("%v for %d bytes", p.Header, len(content))
		}
		all = append(all, fmt.Sprintf("%s %s %s", p.FormName(), disposition["filename"], content))
	}
}

func TestFiles(t *testing.T) {
	g := newRig(t, Options{})
	id, other := g.sandbox(nil), g.sandbox(obj("user", "root"))
	for _, c := range []struct {
		path  string
		parts []string
	}{
		{"/files/bulk-upload", []string{"files[0].path=/app/a.txt", "files[0].file=A", "files[1].path=b.txt", "files[1].file=B\x00\r\n"}},
		{"/files/bulk-upload", []string{"files[0].path=/x", "files[1].path=/y", "files[1].file=Y", "files[0].file=X"}},
		{"/files/upload?path=/app/../old", []string{"file=old"}},
		{"/files/upload-v2?path=%2Fwith%20blank%22", []string{"file="}},
		{"/files/upload-v2?path=/x", []string{"file=again"}},
	} {
		if a := g.upload(id, c.path, c.parts...); a.status != 200 {
			t.Errorf("%s: %d %s", c.path, a.status, a.raw)
		}
	}
	g.upload(other, "/files/upload?path=mine", "file=root's")
	for path, want := range map[string]string{
		"/app/a.txt": "A", "/home/daytona/b.txt": "B\x00\r\n", "b.txt": "B\x00\r\n", "/x": "again", "/y": "Y", "/old": "old", `/with blank"`: "", "/app//./a.txt": "A",
	} {
		a := g.do("GET", toolboxPrefix+"/"+id+"/files/download?path="+strings.NewReplacer(" ", "%20", `"`, "%22").Replace(path), nil)
		if a.status != 200 || a.raw != want || a.header.Get("Content-Type") != "application/octet-stream" {
			t.Errorf("%s: %d %q", path, a.status, a.raw)
		}
	}
	got := g.download(id, "/app/a.txt", "/none", "b.txt", `/with blank"`, "/app")
	want := `file /app/a.txt A; error /none {"code":"FILE_NOT_FOUND","message":"file not found: /none","source":"DAYTONA_DAEMON","statusCode":404}; ` +
		"file b.txt B\x00\r\n; file /with blank\" ; " + `error /app {"message":"/app is a directory","source":"DAYTONA_DAEMON","statusCode":400}`
	if got != want {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if got := g.download(other, "/root/mine", "/x"); !strings.HasPrefix(got, "file /root/mine root's; error /x") {
		t.Errorf("the other sandbox has %q", got)
	}
}

func TestFilesRefused(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("snapshot", "daytona-small"))
	g.upload(id, "/files/upload?path=/dir/file", "file=x")
	for _, c := range []struct {
		path, message string
		parts         []string
	}{
		{"/files/upload", "path is required", []string{"file=x"}},
		{"/files/upload?path=/x", "file is required", []string{"fyle=x"}},
		{"/files/upload?path=/dir", "/dir is a directory", []string{"file=x"}},
		{"/files/upload?path=/dir/file/x", "/dir/file is not a directory", []string{"file=x"}},
		{"/files/upload?path=/..", "/ is a directory", []string{"file=x"}},
		{"/files/bulk-upload", "files[0].path is required", []string{"files[0].file=x"}},
		{"/files/bulk-upload", "each file needs a path and a content", []string{"files[0].path=/x"}},
		{"/files/bulk-upload", "/new/a is not a directory", []string{"files[0].path=/new/a", "files[0].file=x", "files[1].path=/new/a/b", "files[1].file=x"}},
	} {
		if a := g.upload(id, c.path, c.parts...); a.status != 400 || !strings.Contains(a.raw, `"message":"`+c.message+`"`) {
			t.Errorf("%s %q: %d %s", c.path, c.parts, a.status, a.raw)
		}
	}
	for contentType, body := range map[string]string{
		"application/octet-stream": "x", "multipart/form-data": "x", "multipart/form-data; boundary=b": "--b\r\n",
	} {
		if a := g.send(toolboxPrefix+"/"+id+"/files/upload?path=/x", contentType, body); a.status != 400 {
			t.Errorf("%s: %d %s", contentType, a.status, a.raw)
		}
	}
	if got := g.download(id, "/new/a", "/x", "/dir/file"); strings.Count(got, "error ") != 2 || !strings.HasSuffix(got, "file /dir/file x") {
		t.Errorf("a refused upload wrote %q", got)
	}
	for _, paths := range []any{nil, []any{}, []any{1}, []any{""}, "x"} {
		if a := g.do("POST", toolboxPrefix+"/"+id+"/files/bulk-download", obj("paths", paths)); a.status != 400 {
			t.Errorf("%v: %d %s", paths, a.status, a.raw)
		}
	}
	if a := g.send(toolboxPrefix+"/"+id+"/files/upload?path=/x", "multipart/form-data; boundary=b", strings.Repeat("x", maxToolboxBody+1)); a.status != 413 || !strings.Contains(a.raw, "at most 64 MiB") {
		t.Errorf("too large: %d %s", a.status, a.raw)
	}
	g.control("POST", "sandboxes/"+id, obj("disk", 0))
	if a := g.upload(id, "/files/upload?path=/x", "file=x"); a.status != 400 || !strings.Contains(a.raw, "no space left on device") {
		t.Errorf("disk: %d %s", a.status, a.raw)
	}
	g.hold(id, world.StateStopped)
	if a := g.upload(id, "/files/upload?path=/x", "file=x"); a.status != 400 || !strings.Contains(a.raw, "Is the Sandbox started?") {
		t.Errorf("stopped: %d %s", a.status, a.raw)
	}
}

// TestFilesAreKept: files survive stops and restarts of the emulator, and their contents
// are removed with the last record that has them.
func TestFilesAreKept(t *testing.T) {
	state := filepath.Join(t.TempDir(), "state")
	blobs := func() int {
		names, err := filepath.Glob(state + ".objects/*")
		if err != nil {
			t.Fatal(err)
		}
		return len(names)
	}
	g := newRig(t, Options{StateFile: state})
	id, other := g.sandbox(obj("name", "web")), g.sandbox(nil)
	g.upload(id, "/files/upload?path=/a", "file=first")
	g.upload(id, "/files/upload?path=/a", "file=second")
	g.upload(id, "/files/bulk-upload", "files[0].path=/b", "files[0].file=B", "files[1].path=/b/c", "files[1].file=C")
	g.upload(other, "/files/upload?path=/a", "file=other")
	if n := blobs(); n != 2 {
		t.Errorf("%d blobs for 2 files", n)
	}
	g.must("POST", "/sandbox/"+id+"/stop", nil)
	if err := g.srv.Close(); err != nil {
		t.Fatal(err)
	}
	g = newRig(t, Options{StateFile: state})
	g.must("POST", "/sandbox/"+id+"/start", nil)
	if got := g.download(id, "/a"); got != "file /a second" {
		t.Errorf("after a restart: %q", got)
	}
	g.must("DELETE", "/sandbox/"+id, nil)
	g.expect("GET", "/sandbox/"+id, nil, 404, "")
	if got := g.download(other, "/a"); got != "file /a other" || blobs() != 1 {
		t.Errorf("%q, %d blobs", got, blobs())
	}
}

// TestFilesOfTheAPI covers the routes that only 0.190 has.
func TestFilesOfTheAPI(t *testing.T) {
	g := newRig(t, Options{APIVersion: world.Version190})
	at := "/api/toolbox/" + g.sandbox(nil) + "/toolbox/files"
	contentType, body := form(t, "file=A")
	if a := g.send(at+"/upload?path=/a", contentType, body); a.status != 200 {
		t.Errorf("upload: %d %s", a.status, a.raw)
	}
	contentType, body = form(t, "files[0].path=/b", "files[0].file=B")
	if a := g.send(at+"/bulk-upload", contentType, body); a.status != 200 {
		t.Errorf("uploads: %d %s", a.status, a.raw)
	}
	if a := g.do("GET", at+"/download?path=/a", nil); a.raw != "A" {
		t.Errorf("download: %d %s", a.status, a.raw)
	}
	if a := g.do("POST", at+"/bulk-download", obj("paths", []any{"/b"})); !strings.Contains(a.raw, "\r\n\r\nB\r\n") {
		t.Errorf("downloads: %d %s", a.status, a.raw)
	}
}

func TestPrograms(t *testing.T) {
	g := newRig(t, Options{})
	id := g.sandbox(obj("name", "worker-1"))
	run := func(code, language any) got {
		return g.do("POST", toolboxPrefix+"/"+id+"/process/code-run", obj("code", code, "language", language))
	}
	g.control("POST", "toolbox", obj("command", "*pandas*", "exitCode", 1, "output", "ModuleNotFoundError"))
	for _, c := range []struct {
		language, code string
		exit           int
		result         string
	}{
		{"python", `print("Hello, \"World\"")`, 0, "Hello, \"World\"\n"},
		{"javascript", "console.log('a\\tb');\nconsole.log(42)\n", 0, "a\tb\n42\n"},
		{"typescript", "const x: number = 1\nconsole.log(x)", 0, ""},
		{"python", "import sys\nprint('a')\nsys.exit(3)\nprint('b')", 3, "a\n"},
		{"python", "exit()\nprint('b')", 0, ""},
		{"python", "def f():\n    print('not called')", 0, ""},
		{"python", "import pandas\nprint('x')", 1, "ModuleNotFoundError"},
	} {
		if a := run(c.code, c.language); a.status != 200 || a.text("exitCode") != fmt.Sprint(c.exit) || a.text("result") != c.result {
			t.Errorf("%q: %d %s", c.code, a.status, a.raw)
		}
	}
	for message, a := range map[string]got{
		"code is required": run(" ", "python"), "unsupported language: ruby": run("x", "ruby"),
		"unsupported language: ": run("x", nil), "code must be a string": run(1, "python"),
	} {
		if a.status != 400 || a.text("message") != message {
			t.Errorf("%s: %d %s", message, a.status, a.raw)
		}
	}
}
