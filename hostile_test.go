//go:build linux && !race

package main

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"fleet/internal/emulator"
)

// mostAbove is how much more memory than an honest response a hostile one may need, in
// KiB.
const mostAbove = 100 << 10

// TestHostileAnswersTakeLittleMemory lists sandboxes of servers that send far more
// than is possible, and prints the memory that each needs.
func TestHostileAnswersTakeLittleMemory(t *testing.T) {
	page := func(items string) func(int) string {
		return func(int) string { return `{"items":[` + items + `],"nextCursor":null,"total":1,"totalPages":1}` }
	}
	many := func(size int, item string) string {
		return strings.TrimSuffix(strings.Repeat(item+",", size/(len(item)+1)), ",")
	}
	const full = 15 << 20
	var honest strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&honest, `{"id":"%d","name":"box-%d","state":"started","labels":{"a":"b"}},`, i, i)
	}
	peak := listed(t, "an honest page", page(strings.TrimSuffix(honest.String(), ",")), "")
	for _, test := range []struct {
		name, want string
		answer     func(page int) string
	}{
		{"empty items", "values", page(many(full, "{}"))},
		{"empty items, as many as values", "items", page(many(3*400_000, "{}"))},
		{"labels", "values", page(`{"labels":{` + many(full, `"":""`) + `}}`)},
		{"volumes", "values", page(`{"volumes":[` + many(full, `{}`) + `]}`)},
		{"volumes, as many as values", "", page(`{"id":"1","name":"a","volumes":[` + many(3*400_000, `{}`) + `]}`)},
		{"one long name", "a string of more than", page(`{"id":"1","name":"` + strings.Repeat("x", full) + `"}`)},
		{"too many bytes", "too large", page(many(100<<20, "{}"))},
		{"ever new cursors", "pages", func(n int) string { return fmt.Sprintf(`{"items":[{"id":"%d"}],"nextCursor":"c%d"}`, n, n) }},
		{"two cursors", "same cursor", func(n int) string { return fmt.Sprintf(`{"items":[{"id":"%d"}],"nextCursor":"c%d"}`, n, n%2) }},
	} {
		if got := listed(t, test.name, test.answer, test.want); got > peak+mostAbove {
			t.Errorf("%s: %d MiB, an honest page takes %d MiB", test.name, got>>10, peak>>10)
		}
	}
}

// listed returns the peak memory in KiB of a command that lists the sandboxes of a
// server with these pages. The command has to fail with this error; if want is empty,
// it may succeed.
func listed(t *testing.T, name string, answer func(page int) string, want string) int64 {
	t.Helper()
	server, err := emulator.New(emulator.Options{Key: testKey})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	pages := 0
	web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/api/sandbox") || r.Method != http.MethodGet {
			server.ServeHTTP(w, r)
			return
		}
		pages++
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(answer(pages)))
	}))
	defer web.Close()
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "fleet.yaml"), []byte("version: 1\nname: demo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("peak", "fleet", "status", "--all", "-o", "json")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "DAYTONA_API_URL=" + web.URL + "/api", "DAYTONA_API_KEY=" + testKey}
	var stderr strings.Builder
	cmd.Stderr = &stderr
	start := time.Now()
	err = cmd.Run()
	if _, failed := errors.AsType[*exec.ExitError](err); err != nil && !failed {
		t.Fatal(err)
	}
	said, last, found := cutLast(strings.TrimSpace(stderr.String()), "\n")
	peak, notNumber := strconv.ParseInt(last, 10, 64)
	if notNumber != nil {
		t.Fatalf("no peak in %.500s", stderr.String())
	}
	if want != "" && (err == nil || !found || !strings.Contains(said, want)) {
		t.Errorf("%s: %v, and not %q: %.500s", name, err, want, said)
	}
	t.Logf("%-32s %4d MiB %6d ms %5d requests  %.100s", name, peak>>10, time.Since(start).Milliseconds(), pages, said)
	return peak
}

// cutLast is like strings.Cut, but cuts at the last separator.
func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}
