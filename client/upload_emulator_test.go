package client_test

import (
	"io"
	"net/http/httptest"
	"strings"
	"testing"

	"fleet/client"
	"fleet/internal/emulator"
)

// TestUploadToTheEmulator checks signatures with the independent code of the emulator.
func TestUploadToTheEmulator(t *testing.T) {
	daytona, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(daytona)
	c, err := client.New(client.Config{URL: server.URL + "/api", Key: "test"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		c.Close()
		server.Close()
		_ = daytona.Close()
	}()
	access, err := c.PushAccess(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const text = "not quite a tar"
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	for _, want := range []bool{true, false} {
		uploaded, err := c.UploadContext(t.Context(), access, "0a1b", int64(len(text)), open)
		if uploaded != want || err != nil {
			t.Errorf("uploaded %t, want %t: %v", uploaded, want, err)
		}
	}
	access.Secret += "x"
	_, err = c.UploadContext(t.Context(), access, "2c3d", int64(len(text)), open)
	if client.ErrorClassOf(err) != client.Forbidden || !strings.Contains(err.Error(), "signature") {
		t.Errorf("got %v", err)
	}
}
