package registry_test

import (
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	server "github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"fleet/internal/registry"
)

// start serves a registry on loopback, and returns its host and its handler's requests.
func start(t *testing.T, wrap func(http.Handler) http.Handler) string {
	t.Helper()
	handler := server.New(server.Logger(log.New(io.Discard, "", 0)))
	if wrap != nil {
		handler = wrap(handler)
	}
	s := httptest.NewServer(handler)
	t.Cleanup(s.Close)
	return strings.TrimPrefix(s.URL, "http://")
}

// imageFor returns an image of a platform.
func imageFor(t *testing.T, os, architecture string) v1.Image {
	t.Helper()
	image, err := random.Image(64, 1)
	if err != nil {
		t.Fatal(err)
	}
	config, err := image.ConfigFile()
	if err != nil {
		t.Fatal(err)
	}
	config = config.DeepCopy()
	config.OS, config.Architecture = os, architecture
	if image, err = mutate.ConfigFile(image, config); err != nil {
		t.Fatal(err)
	}
	return image
}

func push(t *testing.T, reference string, write func(name.Reference) error) {
	t.Helper()
	ref, err := name.ParseReference(reference)
	if err == nil {
		err = write(ref)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func TestDigest(t *testing.T) {
	host := start(t, nil)
	amd64, arm64 := imageFor(t, "linux", "amd64"), imageFor(t, "linux", "arm64")
	index := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: arm64, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}},
		mutate.IndexAddendum{Add: amd64, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "amd64"}}})
	foreign := mutate.AppendManifests(empty.Index,
		mutate.IndexAddendum{Add: arm64, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: "arm64"}}})
	push(t, host+"/single:1", func(r name.Reference) error { return remote.Write(r, amd64) })
	push(t, host+"/arm:1", func(r name.Reference) error { return remote.Write(r, arm64) })
	push(t, host+"/many:1", func(r name.Reference) error { return remote.WriteIndex(r, index) })
	push(t, host+"/others:1", func(r name.Reference) error { return remote.WriteIndex(r, foreign) })
	digest := func(d interface{ Digest() (v1.Hash, error) }) string {
		h, err := d.Digest()
		if err != nil {
			t.Fatal(err)
		}
		return h.String()
	}
	zero := "sha256:" + strings.Repeat("0", 64)
	for _, c := range []struct{ reference, want, fault string }{
		{host + "/single:1", digest(amd64), ""},
		{host + "/many:1", digest(index), ""}, // the index: each platform keeps its image
		{host + "/single@" + zero, zero, ""},  // no request
		{host + "/arm:1", "", "it is an image for linux/arm64, but Daytona builds for linux/amd64"},
		{host + "/others:1", "", "no child with platform linux/amd64"},
		{host + "/missing:1", "", "has no such image"},
		{"Bad Name", "", "could not parse reference"},
	} {
		got, err := new(registry.Resolver).Digest(t.Context(), c.reference)
		if got != c.want || (err == nil) != (c.fault == "") || err != nil && !strings.Contains(err.Error(), c.fault) {
			t.Errorf("%s: got %q, %v", c.reference, got, err)
		}
	}
}

// TestDigestCredentials: the error states whether credentials were sent, and never which.
func TestDigestCredentials(t *testing.T) {
	const password = "hunter2-hunter2"
	host := start(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if _, sent, _ := r.BasicAuth(); sent != "right" {
				w.Header().Set("WWW-Authenticate", `Basic realm="test"`)
				w.WriteHeader(http.StatusUnauthorized)
				_, _ = io.WriteString(w, "\x1b[2Jgo away "+password)
				return
			}
			next.ServeHTTP(w, r)
		})
	})
	right := fixed{&authn.Basic{Username: "u", Password: "right"}}
	image := imageFor(t, "linux", "amd64")
	push(t, host+"/private:1", func(r name.Reference) error { return remote.Write(r, image, remote.WithAuth(right.auth)) })
	for _, c := range []struct {
		credentials authn.Authenticator
		hint        string // "" for success
	}{
		{right.auth, ""},
		{authn.Anonymous, "run docker login " + host},
		{&authn.Basic{Username: "u", Password: password}, "had the credentials of the Docker configuration for " + host},
	} {
		_, err := (&registry.Resolver{Keychain: fixed{c.credentials}}).Digest(t.Context(), host+"/private:1")
		if (err == nil) != (c.hint == "") {
			t.Fatalf("got %v, want a failure: %t", err, c.hint != "")
		}
		if e := new(registry.Error); errors.As(err, &e) {
			if !strings.Contains(e.Hint(), c.hint) || strings.Contains(e.Error()+e.Hint(), password) || strings.Contains(e.Error(), "\x1b") {
				t.Errorf("got %q with hint %q", e.Error(), e.Hint())
			}
		} else if err != nil {
			t.Errorf("got %T", err)
		}
	}
}

// A fixed keychain has the same credentials for all registries.
type fixed struct{ auth authn.Authenticator }

func (f fixed) Resolve(authn.Resource) (authn.Authenticator, error) { return f.auth, nil }

// TestDigestOnce: many images with one base ask the registry once.
func TestDigestOnce(t *testing.T) {
	var manifests atomic.Int64
	host := start(t, func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodGet && strings.Contains(r.URL.Path, "/manifests/") {
				manifests.Add(1)
			}
			next.ServeHTTP(w, r)
		})
	})
	image := imageFor(t, "linux", "amd64")
	push(t, host+"/base:1", func(r name.Reference) error { return remote.Write(r, image) })
	manifests.Store(0)
	var resolver registry.Resolver
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			if _, err := resolver.Digest(t.Context(), host+"/base:1"); err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if n := manifests.Load(); n != 1 {
		t.Errorf("%d requests for the manifest, want 1", n)
	}
}
