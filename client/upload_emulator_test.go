package client_test

import (
	"bytes"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"fleet/client"
	"fleet/internal/emulator"
)

// spoiling changes the secret of the access that the server returns.
type spoiling struct{ next http.RoundTripper }

func (s spoiling) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := s.next.RoundTrip(req)
	if err != nil || !strings.HasSuffix(req.URL.Path, "/push-access") {
		return res, err
	}
	defer res.Body.Close()
	var access client.StorageAccess
	if err := json.NewDecoder(res.Body).Decode(&access); err != nil {
		return nil, err
	}
	access.Secret += "x"
	text, err := json.Marshal(access)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	return res, err
}

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
	const text = "not quite a tar"
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	for _, want := range []bool{true, false} {
		uploaded, err := c.UploadContext(t.Context(), client.BuildContext{Hash: "0a1b", Size: int64(len(text)), Open: open})
		if uploaded != want || err != nil {
			t.Errorf("uploaded %t, want %t: %v", uploaded, want, err)
		}
	}
	wrong, err := client.New(client.Config{URL: server.URL + "/api", Key: "test", Transport: spoiling{http.DefaultTransport}})
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	_, err = wrong.UploadContext(t.Context(), client.BuildContext{Hash: "2c3d", Size: int64(len(text)), Open: open})
	if client.ErrorClassOf(err) != client.Forbidden || !strings.Contains(err.Error(), "signature") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkUpload uploads 200 MB to the emulator in the same process.
func BenchmarkUpload(b *testing.B) {
	daytona, err := emulator.New(emulator.Options{StateFile: filepath.Join(b.TempDir(), "state")})
	if err != nil {
		b.Fatal(err)
	}
	defer daytona.Close()
	server := httptest.NewServer(daytona)
	defer server.Close()
	c, err := client.New(client.Config{URL: server.URL + "/api", Key: "test"})
	if err != nil {
		b.Fatal(err)
	}
	defer c.Close()
	const size = 200_000_000
	b.SetBytes(size)
	for i := 0; b.Loop(); i++ {
		content := io.LimitReader(rand.NewChaCha8([32]byte{}), size)
		uploaded, err := c.UploadContext(b.Context(), client.BuildContext{
			Hash: strconv.Itoa(i), Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(content), nil },
		})
		if !uploaded || err != nil {
			b.Fatal(uploaded, err)
		}
	}
}
