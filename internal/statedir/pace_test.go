package statedir

import (
	"maps"
	"os"
	"strings"
	"testing"
	"time"

	"fleet/apply"
	"fleet/client"
)

func TestPace(t *testing.T) {
	d, now := Dir(t.TempDir()), time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	f := d.PaceFile("https://a/api/", "dtn_secret")
	if strings.Contains(string(f), "secret") {
		t.Errorf("the path %s has the key", f)
	}
	found := Pace{
		Limits:      map[client.RateClass]int{client.RateCreate: 300, client.RateList: 0},
		Concurrency: apply.Concurrency{Create: 120}, At: now,
	}
	if err := f.Write(found); err != nil {
		t.Fatal(err)
	}
	if text, err := os.ReadFile(string(f)); err != nil || strings.Contains(string(text), "secret") {
		t.Errorf("kept %s, %v", text, err)
	}
	same := d.PaceFile("https://a/api", "dtn_secret").Read(now.Add(time.Hour))
	if !maps.Equal(same.Limits, found.Limits) || same.Concurrency != found.Concurrency || !same.At.Equal(now) {
		t.Errorf("read %+v, want %+v", same, found)
	}
	for name, p := range map[string]Pace{
		"another server":  d.PaceFile("https://b/api", "dtn_secret").Read(now),
		"another account": d.PaceFile("https://a/api", "other").Read(now),
		"too old":         f.Read(now.Add(8 * 24 * time.Hour)),
		"in the future":   f.Read(now.Add(-time.Hour)),
		"no directory":    Dir("").PaceFile("https://a/api", "dtn_secret").Read(now),
	} {
		if p.Limits != nil || p.Concurrency != (apply.Concurrency{}) {
			t.Errorf("%s: %+v", name, p)
		}
	}
	if err := Dir("").PaceFile("https://a/api", "x").Write(found); err != nil {
		t.Errorf("without a directory: %v", err)
	}
}

func TestDamagedPace(t *testing.T) {
	f, now := Dir(t.TempDir()).PaceFile("https://a/api", "x"), time.Date(2026, 11, 29, 12, 0, 0, 0, time.UTC)
	if err := f.Write(Pace{At: now}); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"", "{", `{"limits":{"sandbox-create":"x"},"at":"2026-11-29T11:00:00Z"}`, `{"limits":{"sandbox-create":-5},"at":"2026-11-29T11:00:00Z"}`} {
		if err := os.WriteFile(string(f), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if p := f.Read(now); len(p.Limits) > 0 {
			t.Errorf("%s: %+v", text, p)
		}
	}
}
