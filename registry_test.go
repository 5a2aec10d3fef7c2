package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	server "github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/rogpeppe/go-internal/testscript"
)

// A scriptRegistry is the image registry of a script.
type scriptRegistry struct {
	web      *httptest.Server
	user     string
	password string // empty for a public registry

	mu    sync.Mutex
	asked map[string]int // requests for manifests, by path
}

// registryOf is the key of a script's registry.
type registryOf struct{}

// handler counts requests for manifests and checks the password.
func (r *scriptRegistry) handler(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, req *http.Request) {
		if user, password, _ := req.BasicAuth(); r.password != "" && (user != r.user || password != r.password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
			w.WriteHeader(http.StatusUnauthorized)
			fmt.Fprintf(w, "\x1b[2Jno access with %s", password)
			return
		}
		if repository, ok := strings.CutPrefix(req.URL.Path, "/v2/"); ok && req.Method == http.MethodGet && strings.Contains(repository, "/manifests/") {
			r.mu.Lock()
			r.asked[strings.Replace(repository, "/manifests/", ":", 1)]++
			r.mu.Unlock()
		}
		next.ServeHTTP(w, req)
	}
}

// cmdRegistry starts, fills and stops an image registry on loopback:
//
//	registry start [USER PASSWORD]  start it and set $REGISTRY to its host
//	registry push NAME:TAG          push a new image for linux/amd64
//	registry asked                  print the manifests that were requested since the last call, with numbers
//	registry stop                   stop it
func cmdRegistry(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: registry start|push|asked|stop")
	}
	r, _ := ts.Value(registryOf{}).(*scriptRegistry)
	switch args[0] {
	case "start":
		r.asked = map[string]int{}
		if len(args) == 3 {
			r.user, r.password = args[1], args[2]
		}
		r.web = httptest.NewServer(r.handler(server.New(server.Logger(log.New(io.Discard, "", 0)))))
		ts.Defer(r.web.Close)
		ts.Setenv("REGISTRY", r.host())
	case "push":
		ts.Check(r.push(args[1]))
	case "asked":
		r.mu.Lock()
		defer r.mu.Unlock()
		for manifest, n := range r.asked {
			fmt.Fprintf(ts.Stdout(), "%s %d\n", manifest, n)
		}
		clear(r.asked)
	case "stop":
		r.web.Close()
	}
}

func (r *scriptRegistry) host() string { return strings.TrimPrefix(r.web.URL, "http://") }

// push writes an image with other content than all before it.
func (r *scriptRegistry) push(reference string) error {
	image, err := random.Image(64, 1)
	if err != nil {
		return err
	}
	config, err := image.ConfigFile()
	if err != nil {
		return err
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	if image, err = mutate.ConfigFile(image, config); err != nil {
		return err
	}
	ref, err := name.ParseReference(r.host() + "/" + reference)
	if err != nil {
		return err
	}
	err = remote.Write(ref, image, remote.WithAuth(&authn.Basic{Username: r.user, Password: r.password}))
	r.mu.Lock()
	defer r.mu.Unlock()
	clear(r.asked)
	return err
}
