// Package page is the web page of a watch: files that need no build, and load nothing
// from elsewhere. [Handler] serves them to browsers, which read the API of
// internal/watch/serve; [Write] writes the same page with a state in it as one file.
//
// The files are scripts without modules, so that they also work inside of one file. Each
// one defines one constant; index.html lists them in the order of their use.
package page

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"
)

//go:embed assets
var embedded embed.FS

// A file is an asset as it is served.
type file struct {
	text []byte
	kind string // its media type
	etag string
}

// types are the media types by the end of the name. The types of the system may be wrong.
var types = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
}

// files returns all assets by name.
func files() map[string]file {
	list := map[string]file{}
	entries, err := fs.ReadDir(embedded, "assets")
	if err != nil {
		panic(err) // they are embedded
	}
	for _, e := range entries {
		text := asset(e.Name())
		sum := sha256.Sum256(text)
		list[e.Name()] = file{text: text, kind: types[path.Ext(e.Name())], etag: `"` + hex.EncodeToString(sum[:8]) + `"`}
	}
	return list
}

// asset returns an embedded file.
func asset(name string) []byte {
	text, err := embedded.ReadFile("assets/" + name)
	if err != nil {
		panic(err) // it is embedded
	}
	return text
}

// Handler returns a handler that serves the page at / and its files next to it. It sets
// the media type, ETag and Cache-Control. The headers for security are those of the
// server; the page works with a Content-Security-Policy of
//
//	default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; worker-src 'self'
func Handler() http.Handler {
	all := files()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if name == "" {
			name = "index.html"
		}
		f, found := all[name]
		if !found {
			http.NotFound(w, r)
			return
		}
		if r.Method != http.MethodGet && r.Method != http.MethodHead {
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the page is only read", http.StatusMethodNotAllowed)
			return
		}
		h := w.Header()
		h.Set("Content-Type", f.kind)
		h.Set("ETag", f.etag)
		h.Set("Cache-Control", "no-cache") // ask whether it is still the same, since a newer fleet may be started
		http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(f.text))
	})
}
