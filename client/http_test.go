package client

import (
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestRequests(t *testing.T) {
	var got []string
	c := over(t, func(req *http.Request) (*http.Response, error) {
		line := req.Method + " " + req.URL.RequestURI()
		if req.Body != nil {
			body, _ := io.ReadAll(req.Body)
			line += " " + string(body)
		}
		got = append(got, line)
		if strings.HasSuffix(req.URL.Path, "regions") || strings.HasSuffix(req.URL.Path, "volumes") && req.Method == http.MethodGet {
			return answer(200, []any{}), nil
		}
		return answer(200, map[string]any{}), nil
	})
	ctx := t.Context()
	_, _ = c.Sandbox(ctx, "a b/ü")
	_, _ = c.Sandbox(ctx, "..")
	_, _ = c.CreateSandbox(ctx, map[string]any{"name": "x"})
	_, _ = c.ChangeSandbox(ctx, "1", SandboxRequest{Method: "POST", Path: "autodelete/-1"})
	_, _ = c.ChangeSandbox(ctx, "1", SandboxRequest{Method: "POST", Path: "stop?force=true"})
	_, _ = c.ChangeSandbox(ctx, "1", SandboxRequest{Method: "POST", Path: "resize", Body: map[string]any{"cpu": 2}})
	_ = c.SetLabels(ctx, "1", map[string]string{"a": "b"})
	_ = c.SetLabels(ctx, "1", nil)
	_, _ = c.DeleteSandbox(ctx, "1")
	_, _ = c.StartSandbox(ctx, "1")
	_, _ = c.StopSandbox(ctx, "1")
	_, _ = c.PauseSandbox(ctx, "1")
	_, _ = c.ArchiveSandbox(ctx, "1")
	_, _ = c.RecoverSandbox(ctx, "1")
	_, _ = c.Snapshot(ctx, "team/py:3.12")
	_, _ = c.CreateSnapshot(ctx, map[string]any{"name": "s"})
	_ = c.DeleteSnapshot(ctx, "1")
	_, _ = c.ActivateSnapshot(ctx, "1")
	_ = c.DeactivateSnapshot(ctx, "1")
	for range c.Volumes(ctx) {
		break
	}
	_, _ = c.Volume(ctx, "1")
	_, _ = c.VolumeByName(ctx, "a b")
	_, _ = c.CreateVolume(ctx, "v")
	_ = c.DeleteVolume(ctx, "1")
	_, _ = c.Regions(ctx)
	_, _ = c.ServerConfig(ctx)
	_, _ = c.CurrentKey(ctx)
	_, _ = c.PushAccess(ctx)
	want := []string{
		"GET /api/sandbox/a%20b%2F%C3%BC",
		"GET /api/sandbox/%2E%2E",
		`POST /api/sandbox {"name":"x"}`,
		"POST /api/sandbox/1/autodelete/-1",
		"POST /api/sandbox/1/stop?force=true",
		`POST /api/sandbox/1/resize {"cpu":2}`,
		`PUT /api/sandbox/1/labels {"labels":{"a":"b"}}`,
		`PUT /api/sandbox/1/labels {"labels":{}}`,
		"DELETE /api/sandbox/1",
		"POST /api/sandbox/1/start",
		"POST /api/sandbox/1/stop",
		"POST /api/sandbox/1/pause",
		"POST /api/sandbox/1/archive",
		"POST /api/sandbox/1/recover",
		"GET /api/snapshots/team%2Fpy:3.12",
		`POST /api/snapshots {"name":"s"}`,
		"DELETE /api/snapshots/1",
		"POST /api/snapshots/1/activate",
		"POST /api/snapshots/1/deactivate",
		"GET /api/volumes",
		"GET /api/volumes/1",
		"GET /api/volumes/by-name/a%20b",
		`POST /api/volumes {"name":"v"}`,
		"DELETE /api/volumes/1",
		"GET /api/regions",
		"GET /api/config",
		"GET /api/api-keys/current",
		"GET /api/object-storage/push-access",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestEmptyNamesAreNotSent checks that an empty id is an error: without the id, the
// request would address the whole collection.
func TestEmptyNamesAreNotSent(t *testing.T) {
	c := over(t, func(req *http.Request) (*http.Response, error) {
		t.Errorf("sent %s %s", req.Method, req.URL)
		return answer(200, nil), nil
	})
	if _, err := c.DeleteSandbox(t.Context(), ""); err == nil {
		t.Error("no error")
	}
	if err := c.DeleteVolume(t.Context(), ""); err == nil {
		t.Error("no error")
	}
}

func TestHeaders(t *testing.T) {
	c := over(t, func(req *http.Request) (*http.Response, error) {
		want := http.Header{
			"Accept":                {"application/json"},
			"Authorization":         {"Bearer " + testKey},
			"Content-Type":          {"application/json"},
			"User-Agent":            {"fleet/1.2.3"},
			"X-Daytona-Sdk-Version": {"1.2.3"},
			"X-Daytona-Source":      {"fleet"},
		}
		if diff := cmp.Diff(want, req.Header); diff != "" {
			t.Error(diff)
		}
		return answer(200, map[string]any{}), nil
	}, func(c *Config) { c.JWT, c.Organization = "token", "org" })
	if _, err := c.CreateVolume(t.Context(), "v"); err != nil {
		t.Error(err)
	}
}

func TestAnswersThatAreNotJSON(t *testing.T) {
	plain := func(status int, media, body string) *http.Response {
		return &http.Response{
			StatusCode: status,
			Header:     http.Header{"Content-Type": {media}},
			Body:       io.NopCloser(strings.NewReader(body)),
		}
	}
	for name, test := range map[string]struct {
		res  *http.Response
		want ErrorClass // of reading a sandbox, and of deleting a volume
		del  ErrorClass
	}{
		"web page":         {plain(200, "text/html; charset=utf-8", "<html>"), NotDaytona, NotDaytona},
		"other web page":   {plain(404, "text/html", "<html>"), NotDaytona, NotDaytona},
		"gateway's page":   {plain(501, "text/html", "<html>"), NotSupported, NotSupported},
		"text":             {plain(200, "text/plain", "hello"), NotJSON, ""},
		"no type":          {plain(200, "", "{}"), NotJSON, ""},
		"half of it":       {plain(200, "application/json", `{"id":`), NotJSON, ""},
		"another kind":     {plain(200, "application/json", `[1]`), NotJSON, ""},
		"nothing":          {plain(200, "application/json", ""), NotJSON, ""},
		"redirect":         {plain(307, "", ""), NotDaytona, NotDaytona},
		"vendor's JSON":    {plain(200, "application/problem+json", "{}"), "", ""},
		"refusal in plain": {plain(400, "text/plain", "no"), BadRequest, BadRequest},
	} {
		t.Run(name, func(t *testing.T) {
			body, _ := io.ReadAll(test.res.Body)
			c := over(t, func(*http.Request) (*http.Response, error) {
				again := *test.res
				again.Body = io.NopCloser(strings.NewReader(string(body)))
				return &again, nil
			})
			if _, err := c.Sandbox(t.Context(), "x"); ErrorClassOf(err) != test.want || (err == nil) != (test.want == "") {
				t.Errorf("reading: got %v", err)
			}
			if err := c.DeleteVolume(t.Context(), "x"); ErrorClassOf(err) != test.del || (err == nil) != (test.del == "") {
				t.Errorf("deleting: got %v", err)
			}
		})
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, req *http.Request) {
		t.Errorf("the other host was asked, with %v", req.Header)
	}))
	defer other.Close()
	for _, status := range []int{301, 302, 303, 307, 308} {
		c := serve(t, func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, other.URL+r.URL.Path, status)
		})
		_, err := c.CreateSandbox(t.Context(), map[string]any{"name": "x"})
		if ErrorClassOf(err) != NotDaytona || !strings.Contains(err.Error(), "redirected to "+other.URL) {
			t.Errorf("%d: got %v", status, err)
		}
	}
}

// endless is a body that never ends.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestTrustsNamedCA(t *testing.T) {
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `[{"id":"us","name":"us","regionType":"shared"}]`)
	}))
	server.Config.ErrorLog = log.New(io.Discard, "", 0) // it would log the failed handshake
	server.StartTLS()
	defer server.Close()
	file := filepath.Join(t.TempDir(), "ca.pem")
	block := &pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}
	if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, test := range []struct {
		file string
		want ErrorClass
	}{{"", Unreachable}, {file, ""}} {
		c, err := New(Config{URL: server.URL + "/api", Key: testKey, CAFile: test.file})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Regions(t.Context()); ErrorClassOf(err) != test.want || (err == nil) != (test.want == "") {
			t.Errorf("CA file %q: got %v", test.file, err)
		}
		c.Close()
	}
}

func TestVolumes(t *testing.T) {
	status := http.StatusOK
	c := over(t, func(*http.Request) (*http.Response, error) {
		if status != http.StatusOK {
			return answer(status, refusal("Access denied")), nil
		}
		return answer(status, []any{map[string]any{"id": "1", "state": "ready"}, map[string]any{"id": "2", "state": "error"}}), nil
	})
	var got []Volume
	for v, err := range c.Volumes(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, v)
	}
	if len(got) != 2 || !got[0].Settled() || !got[1].Failed() {
		t.Errorf("got %+v", got)
	}
	status = http.StatusForbidden
	for _, err := range c.Volumes(t.Context()) {
		if e, ok := errors.AsType[*Error](err); !ok || e.Permission != "read:volumes" {
			t.Errorf("got %v", err)
		}
	}
}

func TestNothingPrintedShowsTheKey(t *testing.T) {
	c := over(t, nil)
	access := StorageAccess{URL: "https://store", Bucket: "b", Secret: testKey}
	text := fmt.Sprintf("%v %+v %s %v %+v %#v", c, c, c.config, c.config, access, access)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("made", "config", c.config)
	if strings.Contains(text+log.String(), testKey) {
		t.Error(text, log.String())
	}
}

func TestNoContent(t *testing.T) {
	c := over(t, func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}, nil
	})
	if _, err := c.ChangeSandbox(t.Context(), "x", SandboxRequest{Method: "POST", Path: "public/true"}); err != nil {
		t.Error(err)
	}
	if err := c.DeactivateSnapshot(t.Context(), "x"); err != nil {
		t.Error(err)
	}
}

func TestBuildLog(t *testing.T) {
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.RequestURI() != "/snapshots/1/build-logs?follow=true" || req.Header.Get("Authorization") != "Bearer "+testKey {
			w.WriteHeader(http.StatusNotFound)
			return
		}
		_, _ = io.WriteString(w, "step 1\n")
	}))
	defer proxy.Close()
	where := proxy.URL + "/snapshots/1/build-logs"
	c := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"url":"`+where+`"}`)
	})
	log, err := c.SnapshotBuildLog(t.Context(), "1")
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(log)
	log.Close()
	if string(text) != "step 1\n" || err != nil {
		t.Errorf("got %q, %v", text, err)
	}
	where = proxy.URL + "/gone"
	if _, err := c.SandboxBuildLog(t.Context(), "1"); ErrorClassOf(err) != NotFound {
		t.Errorf("got %v", err)
	}
	secure := over(t, func(req *http.Request) (*http.Response, error) {
		if req.URL.Host != "daytona.test" {
			t.Errorf("asked %s", req.URL)
		}
		return answer(200, map[string]any{"url": where}), nil
	})
	if _, err := secure.SandboxBuildLog(t.Context(), "1"); err == nil {
		t.Error("the key was sent without encryption")
	}
}
