package client

import (
	"encoding/json"
	"net/http"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// lister is a server of pages of sandboxes, given by their ids.
func lister(asked *[]string, parts ...[]string) wire {
	return func(req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		*asked = append(*asked, req.URL.RawQuery)
		at, _ := strconv.Atoi(query.Get("cursor"))
		items := []map[string]any{}
		for _, id := range parts[at] {
			items = append(items, map[string]any{"id": id})
		}
		var next any
		if at+1 < len(parts) {
			next = strconv.Itoa(at + 1)
		}
		return answer(200, map[string]any{"items": items, "nextCursor": next}), nil
	}
}

func TestSandboxPages(t *testing.T) {
	var asked []string
	c := over(t, lister(&asked, []string{"a", "b"}, []string{"b", "c"}, nil, []string{"a", "d"}))
	var got []string
	for s, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.ID)
	}
	if diff := cmp.Diff([]string{"a", "b", "c", "d"}, got); diff != "" {
		t.Error(diff)
	}
	want := []string{
		"limit=200&order=asc&sort=createdAt",
		"cursor=1&limit=200&order=asc&sort=createdAt",
		"cursor=2&limit=200&order=asc&sort=createdAt",
		"cursor=3&limit=200&order=asc&sort=createdAt",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}

func TestPagesStopEarly(t *testing.T) {
	var asked []string
	c := over(t, lister(&asked, []string{"a", "b"}, []string{"c"}))
	for range c.Sandboxes(t.Context(), SandboxFilter{}) {
		break
	}
	if len(asked) != 1 {
		t.Errorf("asked %q", asked)
	}
}

func TestPagesEndWithTheFirstError(t *testing.T) {
	calls := 0
	c := over(t, func(*http.Request) (*http.Response, error) {
		if calls++; calls > 1 {
			return answer(400, refusal("Invalid cursor provided: x")), nil
		}
		return answer(200, map[string]any{"items": []any{map[string]any{"id": "a"}}, "nextCursor": "x"}), nil
	})
	var ids []string
	var errs []error
	for s, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
		if err != nil {
			errs = append(errs, err)
			continue
		}
		ids = append(ids, s.ID)
	}
	if len(ids) != 1 || len(errs) != 1 || ErrorClassOf(errs[0]) != BadRequest {
		t.Errorf("got %v, %v", ids, errs)
	}
}

func TestPagesWithoutEnd(t *testing.T) {
	c := over(t, func(*http.Request) (*http.Response, error) {
		return answer(200, map[string]any{"items": []any{}, "nextCursor": "x"}), nil
	})
	var last error
	for _, err := range c.Sandboxes(t.Context(), SandboxFilter{}) {
		last = err
	}
	if last == nil {
		t.Error("no error")
	}
}

func TestSandboxFilter(t *testing.T) {
	query, err := SandboxFilter{
		Labels:       map[string]string{"b": "2", "a": `"1"`},
		Name:         "web-",
		CreatedAfter: time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600)),
		States:       []string{"started", "stopped"},
	}.query()
	if err != nil {
		t.Fatal(err)
	}
	var labels map[string]string
	if err := json.Unmarshal([]byte(query.Get("labels")), &labels); err != nil || labels["a"] != `"1"` {
		t.Errorf("labels %q", query.Get("labels"))
	}
	query.Del("labels")
	want := "createdAtAfter=2026-01-02T02%3A04%3A05.006Z&limit=200&name=web-&order=asc&sort=createdAt&states=started&states=stopped"
	if got := query.Encode(); got != want {
		t.Errorf("got %s", got)
	}
}

func TestSnapshotPages(t *testing.T) {
	var asked []string
	c := over(t, func(req *http.Request) (*http.Response, error) {
		number := req.URL.Query().Get("page")
		asked = append(asked, req.URL.RequestURI())
		return answer(200, map[string]any{"items": []any{map[string]any{"id": number, "name": "n"}}, "total": 2, "page": number, "totalPages": 2}), nil
	})
	var got []string
	for s, err := range c.Snapshots(t.Context()) {
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, s.ID)
	}
	if diff := cmp.Diff([]string{"1", "2"}, got); diff != "" {
		t.Error(diff)
	}
	want := []string{
		"/api/snapshots?limit=200&order=asc&page=1&sort=createdAt",
		"/api/snapshots?limit=200&order=asc&page=2&sort=createdAt",
	}
	if diff := cmp.Diff(want, asked); diff != "" {
		t.Error(diff)
	}
}
