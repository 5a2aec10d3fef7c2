package spec

import (
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// facts returns the facts of the server of these tests.
func facts(version string) Facts {
	return Facts{
		Version: ParseVersion(version),
		Regions: map[string]string{"us": "region-1", "eu": "region-2"},
		Volumes: map[string]string{"cache": "volume-1", "data": "volume-2"},
	}
}

// notInLists are the fields that only single objects have (api.md 4.1).
var notInLists = []string{"env", "volumes", "buildInfo", "linkedSandboxId", "outboundProxyUrl", "otelEndpointOverride", "queueTimeout", "kvm"}

// notInOldLists are the fields that lists have since 0.205.
var notInOldLists = []string{"networkBlockAll", "networkAllowList", "domainAllowList"}

// created returns the object as the server reports it after the resource was created.
func created(t testing.TB, r *Resource, f Facts, detailed bool) Object {
	t.Helper()
	fields := jsonFields(t, r.CreateBody(f))
	for field, id := range r.Links() {
		fields[field+"Id"] = id
	}
	serve(fields, r.Kind, f)
	if !detailed && r.Kind == SandboxKind {
		hidden := slices.Clone(notInLists)
		if !f.Version.AtLeast(v0205) {
			hidden = append(hidden, notInOldLists...)
		}
		maps.DeleteFunc(fields, func(field string, _ any) bool { return slices.Contains(hidden, field) })
	}
	text, err := json.Marshal(fields)
	if err != nil {
		t.Fatal(err)
	}
	o := Object{Attrs: answer(t, r.Kind, string(text)), FullyRead: detailed}
	if r.Kind == SandboxKind {
		o.Labels = r.Labels("demo", nil)
		if r.Files() != nil {
			o.Labels = r.WithUploaded(o.Labels, true)
		}
	}
	return o
}

// serve converts a create request to a response: it renames, converts and removes fields
// as the server does (api.md 2.1, 2.2, 4).
func serve(fields map[string]any, k Kind, f Facts) {
	for _, never := range []string{"secrets", "ttlMinutes"} {
		delete(fields, never)
	}
	if list, ok := fields["gpuType"].([]any); ok {
		fields["gpuType"] = list[0]
	}
	if n, ok := fields["autoArchiveInterval"].(float64); ok && (n == 0 || n > 43200) {
		fields["autoArchiveInterval"] = 43200
	}
	if region, ok := fields["target"].(string); ok {
		fields["target"] = f.Regions[region]
	}
	if list, ok := fields["volumes"].([]any); ok {
		for _, v := range list {
			mount := v.(map[string]any)
			mount["volumeId"] = f.Volumes[mount["volumeId"].(string)]
		}
		slices.Reverse(list)
	}
	if build, ok := fields["buildInfo"].(map[string]any); ok {
		build["contextHashes"] = nil
	}
	if k == SnapshotKind {
		for request, answer := range map[string]string{"memory": "mem", "regionId": "regionIds"} {
			if v, ok := fields[request]; ok {
				delete(fields, request)
				fields[answer] = v
			}
		}
		if id, ok := fields["regionIds"]; ok {
			fields["regionIds"] = []any{id}
		}
	}
	// Fields that are not set are null or missing.
	for _, field := range []string{"errorReason", "networkAllowList", "gpuType", "entrypoint", "labels", "size"} {
		if _, ok := fields[field]; !ok {
			fields[field] = nil
		}
	}
}

// jsonFields returns the fields of a value as JSON decodes them.
func jsonFields(t testing.TB, v any) map[string]any {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(text, &fields); err != nil {
		t.Fatal(err)
	}
	return fields
}
