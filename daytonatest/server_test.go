package daytonatest_test

import (
	"net/http"
	"testing"

	"fleet/client"
	"fleet/daytonatest"
)

func TestUnknownOptions(t *testing.T) {
	for name, opts := range map[string]daytonatest.Options{
		"version": {APIVersion: "0.1.0"},
		"fault":   {Faults: []string{"no-such-fault"}},
	} {
		if _, err := daytonatest.New(opts); err == nil {
			t.Errorf("an unknown %s is accepted", name)
		}
	}
}

// TestFaults: a program meets the trouble that its test asks for.
func TestFaults(t *testing.T) {
	server, err := daytonatest.New(daytonatest.Options{Faults: []string{"suspended"}})
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL, Key: daytonatest.Key})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.CreateSandbox(t.Context(), map[string]any{"name": "worker"}); client.ErrorClassOf(err) != client.Suspended {
		t.Errorf("got %v, want a suspended organisation", err)
	}
}

func TestClose(t *testing.T) {
	server, err := daytonatest.New(daytonatest.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	if resp, err := http.Get(server.URL + "/health"); err == nil {
		resp.Body.Close()
		t.Error("a closed server still answers")
	}
}
