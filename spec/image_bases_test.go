package spec

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
)

// TestPull: pull: always makes the digests of tags a part of the Dockerfile, if a registry
// is asked.
func TestPull(t *testing.T) {
	const text = `version: 1
name: demo
images:
  one: {base: "a:1", pull: always}
  many:
    pull: always
    dockerfile: "ARG V=2\nFROM --platform=linux/amd64 a:1 AS x\nFROM b:${V} \\\n  AS y\nFROM x\nFROM scratch\nFROM c@` + digest0 + `\nCOPY --from=d:1 /a /b\n"
  plain: {base: "a:1"}
  unused: {base: "e:1", pull: always}
snapshots: {one: {image: one}, many: {image: many}, plain: {image: plain}}
`
	var mu sync.Mutex
	var asked []string
	o := Options{ResolveDigest: func(_ context.Context, ref string) (string, error) {
		mu.Lock()
		defer mu.Unlock()
		asked = append(asked, ref)
		return digest0, nil
	}}
	source := Source{Name: "fleet.yaml", Text: []byte(strings.ReplaceAll(text, "${V}", "$${V}"))}
	f, err := o.Parse(source)
	check(t, err)
	slices.Sort(asked)
	same(t, "asked", asked, []string{"a:1", "b:2"})
	same(t, "one", get(t, f, "snapshot.one").Dockerfile(), "FROM a:1@"+digest0+"\n")
	same(t, "plain", get(t, f, "snapshot.plain").Dockerfile(), "FROM a:1\n")
	same(t, "many", get(t, f, "snapshot.many").Dockerfile(),
		"ARG V=2\nFROM --platform=linux/amd64 a:1@"+digest0+" AS x\nFROM b:2@"+digest0+" AS y\n\nFROM x\nFROM scratch\nFROM c@"+digest0+"\nCOPY --from=d:1 /a /b\n")

	f, err = Options{}.Parse(source)
	check(t, err)
	same(t, "without a registry", get(t, f, "snapshot.one").Dockerfile(), "FROM a:1\n")

	o.ResolveDigest = func(context.Context, string) (string, error) { return "", errors.New("registry x is not reachable") }
	if _, err = o.Parse(source); err == nil || !strings.Contains(err.Error(), "fleet.yaml:4:3: images.one.pull: registry x is not reachable") {
		t.Errorf("%v", err)
	}
}

// TestPullOfGroup: the copies of a group share a request, and an error.
func TestPullOfGroup(t *testing.T) {
	const text = `version: 1
name: demo
images:
  task: {for_each: [a, b], base: "a:1", pull: always, steps: [{run_commands: "echo ${each.key}"}]}
sandboxes: {x: {image: "task[a]"}, y: {image: "task[b]"}}
`
	var asked atomic.Int64
	o := Options{ResolveDigest: func(context.Context, string) (string, error) {
		asked.Add(1)
		return "", errors.New("registry x is not reachable")
	}}
	_, err := o.Parse(Source{Name: "fleet.yaml", Text: []byte(text)})
	if found := Diagnostics(nil); !errors.As(err, &found) || len(found) != 1 || asked.Load() != 1 {
		t.Errorf("%d requests: %v", asked.Load(), err)
	}
}

func TestBaseImages(t *testing.T) {
	f := mustParse(t, `
images:
  one: {base: "a:1"}
  two: {dockerfile: "ARG V=g:1\nFROM b:1 AS x\nFROM $${V}\nFROM scratch\nCOPY --from=c:1 /a /b\n"}
  unused: {base: "d:1"}
snapshots: {s: {image: one}, t: {image: "e:1"}}
sandboxes: {x: {image: two}, y: {image: one}, z: {image: "f:1"}}
`)
	var got []string
	for _, b := range f.BaseImages() {
		got = append(got, b.Ref+" "+b.Address.String()+" "+b.Pos.String())
	}
	same(t, "bases", got, []string{
		"a:1 image.one fleet.yaml:5:3", "e:1 snapshot.t fleet.yaml:8:30", "b:1 image.two fleet.yaml:6:3", "g:1 image.two fleet.yaml:6:3", "c:1 image.two fleet.yaml:6:3", "f:1 sandbox.z fleet.yaml:9:47",
	})
}
