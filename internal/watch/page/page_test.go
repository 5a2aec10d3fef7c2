package page

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

func TestHandler(t *testing.T) {
	h := Handler()
	for _, c := range []struct {
		method, path string
		status       int
		kind         string
	}{
		{"GET", "/", 200, "text/html; charset=utf-8"},
		{"HEAD", "/", 200, "text/html; charset=utf-8"},
		{"GET", "/style.css", 200, "text/css; charset=utf-8"},
		{"GET", "/page.js", 200, "text/javascript; charset=utf-8"},
		{"GET", "/icon.svg", 200, "image/svg+xml"},
		{"GET", "/assets/page.js", 404, "text/plain; charset=utf-8"},
		{"GET", "/../page.go", 404, "text/plain; charset=utf-8"},
		{"POST", "/", 405, "text/plain; charset=utf-8"},
	} {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(c.method, "http://x"+c.path, nil))
		if w.Code != c.status || w.Header().Get("Content-Type") != c.kind {
			t.Errorf("%s %s: %d %s, not %d %s", c.method, c.path, w.Code, w.Header().Get("Content-Type"), c.status, c.kind)
		}
		if empty := w.Body.Len() == 0; empty != (c.method == "HEAD") {
			t.Errorf("%s %s: the body has %d bytes", c.method, c.path, w.Body.Len())
		}
	}
}

// A browser that has a file asks only whether it is still the same.
func TestNotModified(t *testing.T) {
	h := Handler()
	for name := range files() {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://x/"+name, nil))
		again := httptest.NewRequest(http.MethodGet, "http://x/"+name, nil)
		again.Header.Set("If-None-Match", w.Header().Get("ETag"))
		w = httptest.NewRecorder()
		if h.ServeHTTP(w, again); w.Code != http.StatusNotModified {
			t.Errorf("%s: %d", name, w.Code)
		}
	}
}

// TestAssets checks that the page loads all files and only them, that each has a media
// type, and that nothing in them needs a weaker policy or another server.
func TestAssets(t *testing.T) {
	index := string(asset("index.html"))
	forbidden := regexp.MustCompile(`\son[a-z]+="|\sstyle="|<style|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|javascript:|@import|url\(|https?://(www\.w3\.org/2000/svg)?`)
	err := fs.WalkDir(embedded, "assets", func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		if files()[e.Name()].kind == "" {
			t.Errorf("%s has no media type", e.Name())
		}
		if e.Name() != "index.html" && !strings.Contains(index, `"`+e.Name()+`"`) {
			t.Errorf("the page does not load %s", e.Name())
		}
		text := string(asset(e.Name()))
		for _, found := range forbidden.FindAllString(text, -1) {
			if found != "http://www.w3.org/2000/svg" {
				t.Errorf("%s has %q", path, found)
			}
		}
		if strings.HasSuffix(e.Name(), ".js") && !strings.HasPrefix(text, "'use strict';\n") {
			t.Errorf("%s is not strict", e.Name())
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
