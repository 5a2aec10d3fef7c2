package e2e_test

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"fleet/internal/emulator"
	"fleet/operator/api/v1alpha1"
)

// TestRegistryOutage: a spec with a tag whose digest cannot be read now is not wrong. The
// object is degraded until the registry answers, and its last spec stays in use. A mistake is
// one all the same.
func TestRegistryOutage(t *testing.T) {
	var down atomic.Bool
	images := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusForbidden) // which is not tried again at once
			return
		}
		images.ServeHTTP(w, req)
	}))
	defer web.Close()
	base := strings.TrimPrefix(web.URL, "http://") + "/base:1"
	ref, err := name.ParseReference(base)
	must(t, err)
	image, err := random.Image(16, 1)
	must(t, err)
	config, err := image.ConfigFile()
	must(t, err)
	config = config.DeepCopy()
	config.OS, config.Architecture = "linux", "amd64"
	image, err = mutate.ConfigFile(image, config)
	must(t, err)
	must(t, remote.Write(ref, image, remote.WithContext(t.Context())))
	spec := "fleet: {version: 1, name: web, images: {app: {base: " + base + ", pull: always}}, sandboxes: {web: {image: app, labels: {team: a}}}}\n"

	r := newRig(t, emulator.Options{})
	down.Store(true)
	r.apply("web", spec)
	f := r.wait("web", v1alpha1.Degraded, metav1.ConditionTrue, "RegistryUnavailable")
	if text := message(f, v1alpha1.Degraded); message(f, v1alpha1.Stalled) != "" || !strings.HasPrefix(text, "spec.fleet:3:5: images.app.pull: ") || !strings.Contains(text, "without credentials") {
		t.Errorf("conditions %+v", f.Status.Conditions)
	}
	down.Store(false)
	r.annotate("web", v1alpha1.ReconcileAnnotation, "1")
	r.ready("web")
	down.Store(true)
	r.apply("web", strings.Replace(spec, "team: a", "team: b", 1))
	r.wait("web", v1alpha1.Degraded, metav1.ConditionTrue, "RegistryUnavailable")
	if s := r.sandboxes()["web"]; s.Labels["team"] != "a" {
		t.Errorf("labels %v", s.Labels)
	}
	r.apply("web", strings.Replace(spec, "labels: {team: a}", "cpus: 2", 1))
	f = r.wait("web", v1alpha1.Stalled, metav1.ConditionTrue, "InvalidSpec")
	if text := message(f, v1alpha1.Stalled); !strings.Contains(text, "cpus") || strings.Contains(text, "digest") {
		t.Errorf("the message is %q", text)
	}
	r.apply("web", strings.Replace(spec, "team: a", "team: b", 1))
	down.Store(false)
	r.annotate("web", v1alpha1.ReconcileAnnotation, "2")
	r.ready("web")
	if s := r.sandboxes()["web"]; s.Labels["team"] != "b" {
		t.Errorf("labels %v", s.Labels)
	}
}
