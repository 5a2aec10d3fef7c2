package source

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"testing"

	"fleet/operator/api/v1alpha1"
)

// TestObjectsAreBounded: reading ends when the objects that a fleet names hold too much,
// wherever it names them.
func TestObjectsAreBounded(t *testing.T) {
	from := func(source v1alpha1.ValueSource, i int) v1alpha1.Value {
		return v1alpha1.Value{Name: fmt.Sprintf("V%d", i), ValueFrom: &source}
	}
	for name, add := range map[string]func(*v1alpha1.FleetSpec, int){
		"fleetFrom": func(s *v1alpha1.FleetSpec, i int) {
			s.FleetFrom = append(s.FleetFrom, v1alpha1.FleetSource{ConfigMap: fmt.Sprintf("s%d", i)})
		},
		"ConfigMaps of env": func(s *v1alpha1.FleetSpec, i int) {
			s.Env = append(s.Env, from(v1alpha1.ValueSource{ConfigMapKeyRef: &v1alpha1.KeyRef{Name: fmt.Sprintf("m%d", i), Key: "v"}}, i))
		},
		"Secrets of variables": func(s *v1alpha1.FleetSpec, i int) {
			s.Variables = append(s.Variables, from(v1alpha1.ValueSource{SecretKeyRef: &v1alpha1.KeyRef{Name: fmt.Sprintf("k%d", i), Key: "v"}}, i))
		},
	} {
		f := fleetOf(plainSpec)
		for i := range 32 {
			add(&f.Spec, i)
		}
		large := strings.Repeat("#", 1<<20)
		r := &shelf{secret: map[string]string{"apiKey": "k", "v": "1", "other": large}, configMap: map[string]string{"v": "1", "x.yaml": large}}
		_, err := load(t, r, f)
		p := (*Problem)(nil)
		if !errors.As(err, &p) || p.Reason != v1alpha1.ReasonSpecTooLarge || r.bytes > MaxObjects+2<<20 {
			t.Errorf("%s: %d bytes were read: %v", name, r.bytes, err)
		}
	}
}

// TestLargestObjects: a fleet may use as much as the limit, and one Secret many times.
func TestLargestObjects(t *testing.T) {
	f := fleetOf(plainSpec)
	for i := range 256 {
		f.Spec.Env = append(f.Spec.Env, secretValue(fmt.Sprintf("E%d", i), "v"))
	}
	r := &shelf{secret: map[string]string{"apiKey": "k", "v": strings.Repeat("x", MaxObjects-1)}}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := load(t, r, f)
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; err != nil || r.bytes != MaxObjects || allocated > 8*MaxObjects {
		t.Errorf("%d bytes were read, and %d allocated: %v", r.bytes, allocated, err)
	}
}

// TestFilesAreBounded: the files of all specs together do not fill the disk, and space that a
// spec has given up can be used by others.
func TestFilesAreBounded(t *testing.T) {
	l := &Loader{Reader: &shelf{secret: map[string]string{"apiKey": "k"}}, Dir: t.TempDir()}
	first, err := l.Load(t.Context(), fleetOf(plainSpec), nil)
	if err != nil || l.written.Load() < int64(len(plainSpec)) {
		t.Fatalf("%d bytes are counted: %v", l.written.Load(), err)
	}
	l.written.Add(MaxWritten - l.written.Load())
	_, err = l.Load(t.Context(), fleetOf(plainSpec), nil)
	if p := (*Problem)(nil); err == nil || errors.As(err, &p) || !strings.Contains(err.Error(), "more shards") {
		t.Errorf("the error on a full disk is %v", err)
	}
	first.Close()
	if list, err := os.ReadDir(l.Dir); err != nil || len(list) != 0 {
		t.Errorf("%v is left: %v", list, err)
	}
	in, err := l.Load(t.Context(), fleetOf(plainSpec), nil)
	if err != nil {
		t.Fatal(err)
	}
	in.Close()
	in.Close()
}
