package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"fleet/spec"
)

// defaultFleetName is the fleet of these tests.
const fleetName = "demo"

// version is that of the server of these tests, unless they say otherwise.
const version = "0.205.0"

// parse reads a spec, to which version and name are added.
func parse(t testing.TB, text string) *spec.Fleet {
	t.Helper()
	f, err := spec.Parse(spec.Source{Name: "fleet.yaml", Text: []byte("version: 1\nname: " + fleetName + "\n" + text)})
	if err != nil {
		t.Fatalf("%v\nin the spec:\n%s", err, text)
	}
	return f
}

// named is the fleet's resource of an address.
func named(t testing.TB, f *spec.Fleet, address string) *spec.Resource {
	t.Helper()
	i := slices.IndexFunc(f.Resources, func(r *spec.Resource) bool { return r.String() == address })
	if i < 0 {
		t.Fatalf("the spec has no %s", address)
	}
	return f.Resources[i]
}

// made is the world in which the fleet is as wanted, made a minute apart.
func made(t testing.TB, f *spec.Fleet) *World {
	t.Helper()
	w := &World{Facts: facts(f, version)}
	for i, r := range f.Resources {
		o := as(t, r, w.Facts, false)
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

// as is the object that a server shows for a resource that was created as it
// is wanted, in a list or, detailed, by itself.
func as(t testing.TB, r *spec.Resource, f spec.Facts, detailed bool) *Object {
	t.Helper()
	fields := shown(t, r, f)
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

// notInLists are the fields that only single sandboxes hold (api.md 4.1).
var notInLists = []string{"env", "volumes", "buildInfo", "linkedSandboxId", "outboundProxyUrl", "otelEndpointOverride", "queueTimeout", "kvm"}

// defaults are what a server fills in for a sandbox (observed.md 5).
var defaults = map[string]any{
	"autoStopInterval": 15, "autoArchiveInterval": 10080, "autoDeleteInterval": -1,
	"cpu": 1, "memory": 1, "disk": 3, "gpu": 0, "user": "daytona", "target": "region-1",
}

// shown is a create request as the server answers it (api.md 2.1, 2.2, 4).
func shown(t testing.TB, r *spec.Resource, f spec.Facts) map[string]any {
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
	attrs, err := spec.Tables[k].Read(raw)
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

// find is the world's object of a kind and name.
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

// boxes is a spec of n sandboxes called prefix0, prefix1 and so on.
func boxes(prefix string, n int) string {
	text := "sandboxes:\n"
	for i := range n {
		text += fmt.Sprintf("  %s%d: {}\n", prefix, i)
	}
	return text
}
