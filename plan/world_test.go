package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"fleet/internal/jsonobject"
	"fleet/spec"
)

// defaultFleetName is the fleet of these tests.
const fleetName = "demo"

// version is the default version of the server in these tests.
const version = "0.205.0"

// parse parses a spec, to which it adds version and name.
func parse(t testing.TB, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: " + fleetName + "\n" + text)})
	if err != nil {
		t.Fatalf("%v\nin the spec:\n%s", err, text)
	}
	return f
}

// resourceAt returns the fleet's resource with an address.
func resourceAt(t testing.TB, f *spec.Fleet, address string) *spec.Resource {
	t.Helper()
	i := slices.IndexFunc(f.Resources, func(r *spec.Resource) bool { return r.String() == address })
	if i < 0 {
		t.Fatalf("the spec has no %s", address)
	}
	return f.Resources[i]
}

// newWorld returns the world in which the fleet matches its spec. Its objects were created a
// minute apart.
func newWorld(t testing.TB, f *spec.Fleet) *World {
	t.Helper()
	w := &World{Facts: facts(f, version)}
	for i, r := range f.Resources {
		o := newObject(t, r, w.Facts, false)
		o.Created = time.Date(2026, 1, 1, 0, i, 0, 0, time.UTC)
		w.Add(r.Kind, o)
	}
	return w
}

func facts(f *spec.Fleet, version string) spec.Facts {
	facts := spec.Facts{
		Version: spec.ParseVersion(version),
		Regions: map[string]string{"us": "region-1", "eu": "region-2"},
		Volumes: map[string]string{}, Sandboxes: map[string]string{},
	}
	for _, r := range f.OfKind(spec.SandboxKind) {
		facts.Sandboxes[r.Key] = "id-of-" + r.Name()
	}
	for _, r := range f.OfKind(spec.VolumeKind) {
		facts.Volumes[r.Name()] = "id-of-" + r.Name()
	}
	return facts
}

// newObject returns the object that a server shows for a resource that was created as declared,
// in a list or, if detailed is set, when it is read individually.
func newObject(t testing.TB, r *spec.Resource, f spec.Facts, detailed bool) *Object {
	t.Helper()
	fields := response(t, r, f)
	o := &Object{ID: "id-of-" + r.Name(), Name: r.Name(), Object: spec.Object{FullyRead: true}}
	switch r.Kind {
	case spec.VolumeKind:
		o.State = "ready"
	case spec.SnapshotKind:
		o.State = "active"
	default:
		o.State, o.Class = spec.Started, "container"
		o.Labels, o.FullyRead = r.Labels(fleetName, nil), detailed
		for field, key := range r.Links() {
			fields[field+"Id"] = f.Sandboxes[key]
		}
		if !detailed {
			maps.DeleteFunc(fields, func(field string, _ any) bool { return slices.Contains(notInLists, field) })
		}
	}
	o.TargetState = o.State
	o.Attrs = read(t, r.Kind, fields)
	return o
}

// notInLists are the fields that lists omit (api.md 4.1).
var notInLists = []string{"env", "volumes", "buildInfo", "linkedSandboxId", "outboundProxyUrl", "otelEndpointOverride", "queueTimeout", "kvm"}

// defaults are the values that a server sets for a sandbox (observed.md 5).
var defaults = map[string]any{
	"autoStopInterval": 15, "autoArchiveInterval": 10080, "autoDeleteInterval": -1,
	"cpu": 1, "memory": 1, "disk": 3, "gpu": 0, "user": "daytona", "target": "region-1",
}

// response returns the response to a create request (api.md 2.1, 2.2, 4).
func response(t testing.TB, r *spec.Resource, f spec.Facts) map[string]any {
	t.Helper()
	fields := map[string]any{}
	if r.Kind == spec.SandboxKind {
		maps.Copy(fields, defaults)
	}
	remarshal(t, r.CreateBody(f), &fields)
	delete(fields, "secrets")
	delete(fields, "ttlMinutes")
	if region, ok := fields["target"].(string); ok && f.Regions[region] != "" {
		fields["target"] = f.Regions[region]
	}
	if list, ok := fields["volumes"].([]any); ok {
		for _, v := range list {
			mount := v.(map[string]any)
			if id := f.Volumes[mount["volumeId"].(string)]; id != "" {
				mount["volumeId"] = id
			}
		}
	}
	if r.Kind == spec.SnapshotKind {
		if v, ok := fields["memory"]; ok {
			fields["mem"] = v
		}
		if id, ok := fields["regionId"]; ok {
			fields["regionIds"] = []any{id}
		}
	}
	return fields
}

func read(t testing.TB, k spec.Kind, fields map[string]any) spec.Attrs {
	t.Helper()
	var raw map[string]json.RawMessage
	remarshal(t, fields, &raw)
	attrs, err := spec.Tables[k].Read(jsonobject.Of(raw))
	if err != nil {
		t.Fatal(err)
	}
	return attrs
}

// set gives an attribute another value, as the server would show it.
func (o *Object) set(t testing.TB, k spec.Kind, key string, value any) {
	t.Helper()
	for _, a := range spec.Tables[k] {
		if a.Key == key {
			o.Attrs = o.Attrs.With(a, value)
			return
		}
	}
	t.Fatalf("%s has no attribute %s", k, key)
}

func remarshal(t testing.TB, from, to any) {
	t.Helper()
	b, err := json.Marshal(from)
	if err == nil {
		err = json.Unmarshal(b, to)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// find returns the world's object with a kind and name.
func (w *World) find(t testing.TB, k spec.Kind, name string) *Object {
	t.Helper()
	for _, o := range w.Objects[k] {
		if o.Name == name {
			return o
		}
	}
	t.Fatalf("the world has no %s %q", k, name)
	return nil
}

func (w *World) drop(k spec.Kind, o *Object) {
	w.Objects[k] = slices.DeleteFunc(w.Objects[k], func(x *Object) bool { return x == o })
}

// boxes returns a spec of n sandboxes called prefix0, prefix1 and so on.
func boxes(prefix string, n int) string {
	text := "sandboxes:\n"
	for i := range n {
		text += fmt.Sprintf("  %s%d: {}\n", prefix, i)
	}
	return text
}
