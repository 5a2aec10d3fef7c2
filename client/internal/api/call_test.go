package api

import (
	"slices"
	"strings"
	"testing"
)

func TestTemplates(t *testing.T) {
	const id = "3f0c5ab2-0000-4000-8000-0123456789ab"
	for want, path := range map[string]string{
		"/sandbox":                       "sandbox",
		"/sandbox/{id}":                  "sandbox/web",
		"/sandbox/{id}/stop":             "sandbox/web/stop",
		"/sandbox/{id}/autostop/{value}": "sandbox/web/autostop/-1",
		"/sandbox/{id}/network-settings": "sandbox/" + id + "/network-settings",
		"/sandbox/{id}/{value}":          "sandbox/web/" + id,
		"/snapshots/{id}/activate":       "snapshots/" + id + "/activate",
		"/volumes/by-name/{id}":          "volumes/by-name/data",
		"/volumes/{id}":                  "volumes/data",
		"/api-keys/current":              "api-keys/current",
		"/object-storage/push-access":    "object-storage/push-access",
		"/{id}":                          id,
		"":                               "",
		"/sandbox/{id}/public/{value}":   "sandbox/by-name/public/true",
		"/snapshots/{id}/build-logs-url": "snapshots/team-py:3.12/build-logs-url",
		"/{bucket}/{organization}/{hash}/context.tar": "storage",
	} {
		c := Call{Path: slices.DeleteFunc(strings.Split(path, "/"), func(e string) bool { return e == "" })}
		if path == "storage" {
			c.Class = RateStorage
		}
		if got := c.template(); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
}
