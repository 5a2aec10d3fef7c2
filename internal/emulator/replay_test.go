package emulator

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fleet/internal/emulator/world"
)

const recordings = "../../../shared/daytona/recordings"

// recording is one exchange with a real server of version 0.190.
type recording struct {
	Request struct {
		Method, Path string
		Headers      map[string]string
		Body         json.RawMessage
	}
	Response struct {
		Status  int
		Headers map[string]string
		Body    any
	}
}

// TestReplay repeats the recorded requests and compares everything that a client can
// rely on.
func TestReplay(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(recordings, "*.json"))
	if len(files) == 0 {
		t.Skip("no recordings at " + recordings)
	}
	replayed := 0
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		t.Run(name, func(t *testing.T) {
			p, ok := preconditions[name[4:]]
			switch {
			case !ok:
				t.Fatal("recording has no precondition and no reason to be left out")
			case p.skip != "":
				t.Skip(p.skip)
			}
			raw, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			var rec recording
			if err := json.Unmarshal(raw, &rec); err != nil {
				t.Fatal(err)
			}
			replay(t, p, &rec)
			replayed++
		})
	}
	t.Logf("replayed %d of %d recordings", replayed, len(files))
}

func replay(t *testing.T, p precondition, rec *recording) {
	p.opts.APIVersion = world.Version190
	g := newRig(t, p.opts)
	path, body := rec.Request.Path, string(rec.Request.Body)
	if p.build != nil {
		if id := p.build(g); id != "" {
			path = anID.ReplaceAllString(path, id)
			body = anID.ReplaceAllString(body, id)
		}
	}
	if body == "null" {
		body = ""
	}
	a := g.do(rec.Request.Method, path, body)
	want := rec.Response
	if a.status != want.Status {
		t.Fatalf("status %d, recorded %d: %s", a.status, want.Status, a.raw)
	}
	if have, want := limitHeaders(a), recordedLimits(want.Headers); !slices.Equal(have, want) {
		t.Errorf("limit headers %v, recorded %v", have, want)
	}
	if have, want := a.header.Get("X-Daytona-Api-Version"), want.Headers["x-daytona-api-version"]; have != want {
		t.Errorf("version header %q, recorded %q", have, want)
	}
	m, ok := want.Body.(map[string]any)
	if ok && m["message"] != nil {
		if have, want := anonymous(a.text("message")), anonymous(fmt.Sprint(m["message"])); have != want {
			t.Errorf("message %q, recorded %q", have, want)
		}
	}
	for _, key := range []string{"state", "desiredState", "backupState"} {
		if ok && a.field(key) != m[key] && !slices.Contains(p.differs, key) {
			t.Errorf("%s %v, recorded %v", key, a.field(key), m[key])
		}
	}
	for _, d := range shapes("", a.body, want.Body) {
		t.Error(d)
	}
}

var (
	anID       = regexp.MustCompile(`<id>|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	aDashboard = regexp.MustCompile(`http://[^/]+/dashboard`)
)

func anonymous(s string) string {
	return aDashboard.ReplaceAllString(anID.ReplaceAllString(s, "<id>"), "<dashboard>")
}

func limitHeaders(a got) []string {
	var names []string
	for k := range a.header {
		names = append(names, strings.ToLower(k))
	}
	return onlyLimits(names)
}

func recordedLimits(h map[string]string) []string {
	var names []string
	for k := range h {
		names = append(names, k)
	}
	return onlyLimits(names)
}

func onlyLimits(names []string) []string {
	names = slices.DeleteFunc(names, func(n string) bool {
		return !strings.HasPrefix(n, "x-ratelimit") && !strings.HasPrefix(n, "retry-after")
	})
	slices.Sort(names)
	return names
}

// shapes returns the places at which two JSON values differ in keys or types. Of lists
// only the first items are compared, and maps with keys of users are skipped.
func shapes(at string, have, want any) []string {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			return []string{fmt.Sprintf("%s: is %T, recorded an object", at, have)}
		}
		var diffs []string
		if at == ".env" || at == ".labels" {
			return nil
		}
		for k := range w {
			if _, ok := h[k]; !ok {
				diffs = append(diffs, at+"."+k+": missing")
				continue
			}
			diffs = append(diffs, shapes(at+"."+k, h[k], w[k])...)
		}
		for k := range h {
			if _, ok := w[k]; !ok {
				diffs = append(diffs, at+"."+k+": not recorded")
			}
		}
		return diffs
	case []any:
		h, ok := have.([]any)
		if !ok {
			return []string{fmt.Sprintf("%s: is %T, recorded a list", at, have)}
		}
		if len(w) == 0 || len(h) == 0 {
			if len(w) != len(h) {
				return []string{fmt.Sprintf("%s: %d items, recorded %d", at, len(h), len(w))}
			}
			return nil
		}
		return shapes(at+"[0]", h[0], w[0])
	}
	if h, w := fmt.Sprintf("%T", have), fmt.Sprintf("%T", want); h != w {
		return []string{fmt.Sprintf("%s: is %s, recorded %s", at, h, w)}
	}
	return nil
}
