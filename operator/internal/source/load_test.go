package source

import (
	"context"
	"errors"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"fleet/operator/api/v1alpha1"
)

// A shelf is a reader whose Secrets and ConfigMaps all have the same content.
type shelf struct {
	client.Reader
	secret    map[string]string
	configMap map[string]string
	bytes     int // that were read
}

func (s *shelf) Get(_ context.Context, key client.ObjectKey, o client.Object, _ ...client.GetOption) error {
	meta := metav1.ObjectMeta{Name: key.Name, ResourceVersion: "1"}
	switch x := o.(type) {
	case *corev1.Secret:
		*x = corev1.Secret{ObjectMeta: meta, Data: map[string][]byte{}}
		for k, v := range s.secret {
			x.Data[k] = []byte(v)
			s.bytes += len(v)
		}
	case *corev1.ConfigMap:
		*x = corev1.ConfigMap{ObjectMeta: meta, Data: s.configMap}
		for _, v := range s.configMap {
			s.bytes += len(v)
		}
	}
	return nil
}

// fleetOf returns an object with a spec, and the key of Secret k.
func fleetOf(text string) *v1alpha1.Fleet {
	f := &v1alpha1.Fleet{ObjectMeta: metav1.ObjectMeta{Name: "f", Namespace: "n"}}
	f.Spec.Server.Credentials.Secret = "k"
	f.Spec.Fleet = &runtime.RawExtension{Raw: []byte(text)}
	return f
}

// secretValue returns a value that is a key of Secret k.
func secretValue(name, key string) v1alpha1.Value {
	return v1alpha1.Value{Name: name, ValueFrom: &v1alpha1.ValueSource{SecretKeyRef: &v1alpha1.KeyRef{Name: "k", Key: key}}}
}

// load reads an object.
func load(t *testing.T, r client.Reader, f *v1alpha1.Fleet) (*Input, error) {
	t.Helper()
	in, err := (&Loader{Reader: r, Dir: t.TempDir()}).Load(t.Context(), f, nil)
	t.Cleanup(in.Close)
	return in, err
}

const plainSpec = `{"version": 1, "name": "x", "sandboxes": {"a": {}}}`

// TestSpellingOfServer: objects that spell the URL of a server differently use one server.
func TestSpellingOfServer(t *testing.T) {
	r := &shelf{secret: map[string]string{"apiKey": "dtn_1"}}
	for _, url := range []string{"", "https://app.daytona.io/api/", "https://APP.daytona.io/api", "https://app.daytona.io:443/api"} {
		f := fleetOf(plainSpec)
		f.Spec.Server.URL = url
		if in, err := load(t, r, f); err != nil || in.Config.URL != "https://app.daytona.io/api" {
			t.Errorf("%q: %+v, %v", url, in, err)
		}
	}
}

// TestServerProblems: errors about the server name what a user of a cluster can change.
func TestServerProblems(t *testing.T) {
	for name, c := range map[string]struct{ key, url, want string }{
		"empty key":           {"", "", `the key "apiKey" of Secret k, which spec.server.credentials names, is empty; put an API key`},
		"blank key":           {" \n", "", `the key "apiKey" of Secret k, which spec.server.credentials names, is empty`},
		"invalid key":         {"a b", "", `the key "apiKey" of Secret k contains a space`},
		"plain http":          {"k", "http://daytona.daytona.svc:3000/api", `spec.server.url is plain http to "daytona.daytona.svc": others on the network could read the key; use https://`},
		"password":            {"k", "https://u:geheim@daytona.example/api", "spec.server.url must not contain a user or a password; put an API key into the Secret"},
		"password over http":  {"k", "http://u:geheim@daytona.example/api", "spec.server.url must not contain a user or a password"},
		"query":               {"k", "https://daytona.example/api?x=1", "spec.server.url must not have a query"},
		"http with a query":   {"k", "http://daytona.example/api?x=1", "spec.server.url must not have a query"},
		"empty key over http": {"", "http://daytona.example/api", "is empty"},
	} {
		f := fleetOf(plainSpec)
		f.Spec.Server.URL = c.url
		_, err := load(t, &shelf{secret: map[string]string{"apiKey": c.key}}, f)
		p := (*Problem)(nil)
		if !errors.As(err, &p) || p.Reason != v1alpha1.ReasonInvalidServer || !strings.Contains(p.Message, c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
			continue
		}
		for _, wrong := range []string{"DAYTONA_", "FLEET_", "--", "geheim"} {
			if strings.Contains(p.Message, wrong) {
				t.Errorf("%s: %q is in %v", name, wrong, err)
			}
		}
	}
}

// TestSensitiveName: what the status shows of a spec is no sensitive value.
func TestSensitiveName(t *testing.T) {
	for spec, sensitive := range map[string]bool{
		`{"version": 1, "vars": {"s": {}}, "name": "${var.s}", "sandboxes": {"a": {}}}`:                                                       true,
		`{"version": 1, "vars": {"s": {}}, "name": "x-${var.s}", "sandboxes": {"a": {}}}`:                                                     true,
		`{"version": 1, "env": ["S"], "name": "${env.S}", "sandboxes": {"a": {}}}`:                                                            true,
		`{"version": 1, "vars": {"s": {}}, "name": "x", "environments": {"e": {"name": "${var.s}"}}, "sandboxes": {"a": {}}}`:                 true,
		`{"version": 1, "vars": {"s": {}}, "name": "x", "moved": [{"from": "fleet.${var.s}"}], "sandboxes": {"a": {}}}`:                       true,
		`{"version": 1, "vars": {"s": {}}, "name": "hunter2secret", "sandboxes": {"a": {"env_vars": {"S": "${var.s}"}}}}`:                     false,
		`{"version": 1, "vars": {"s": {}, "n": {"default": "y"}}, "name": "${var.n}", "sandboxes": {"a": {"env_vars": {"S": "${var.s}"}}}}`:   false,
		`{"version": 1, "vars": {"s": {}}, "name": "x", "moved": [{"from": "fleet.y"}], "sandboxes": {"a": {"env_vars": {"S": "${var.s}"}}}}`: false,
	} {
		f := fleetOf(spec)
		f.Spec.Variables = []v1alpha1.Value{secretValue("s", "s")}
		f.Spec.Env = []v1alpha1.Value{secretValue("S", "s")}
		if strings.Contains(spec, "environments") {
			f.Spec.Environment = "e"
		}
		if !strings.Contains(spec, "var.s") {
			f.Spec.Variables = nil
		}
		_, err := load(t, &shelf{secret: map[string]string{"apiKey": "dtn_1", "s": "hunter2secret"}}, f)
		if !sensitive {
			must(t, err)
			continue
		}
		p := (*Problem)(nil)
		if !errors.As(err, &p) || p.Reason != v1alpha1.ReasonInvalidSpec || !strings.HasPrefix(p.Message, "name: a sensitive value cannot be") || strings.Contains(p.Message, "hunter2") {
			t.Errorf("%s: %v", spec, err)
		}
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Error(err)
	}
}
