package client_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
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

// An emulation is an emulator with a client, over loopback.
type emulation struct {
	t      testing.TB
	url    string
	client *client.Client
	log    *lockedLog
}

// A lockedLog is the log of a client.
type lockedLog struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lockedLog) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// emulate starts an emulator that keeps uploads in files.
func emulate(t testing.TB, faults ...string) *emulation {
	t.Helper()
	daytona, err := emulator.New(emulator.Options{Control: true, Faults: faults, StateFile: filepath.Join(t.TempDir(), "state")})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(daytona)
	e := &emulation{t: t, url: server.URL, log: &lockedLog{}}
	e.client, err = client.New(client.Config{
		URL: server.URL + "/api", Key: "test", Log: slog.New(slog.NewTextHandler(e.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		e.client.Close()
		http.DefaultClient.CloseIdleConnections()
		server.Close()
		_ = daytona.Close()
	})
	return e
}

// control sends a request to the control endpoint, and returns the response.
func (e *emulation) control(method, path, body string) []byte {
	e.t.Helper()
	req, err := http.NewRequestWithContext(context.Background(), method, e.url+"/_emulator/"+path, strings.NewReader(body))
	if err != nil {
		e.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		e.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		e.t.Fatalf("%s %s: %d %s %v", method, path, res.StatusCode, text, err)
	}
	return text
}

// stored checks the hashes and the sizes of the stored contexts, and that no upload in
// parts is incomplete.
func (e *emulation) stored(want map[string]int64) {
	e.t.Helper()
	var all struct {
		Objects []struct {
			Key  string
			Size int64
		}
		Uploads int
	}
	if err := json.Unmarshal(e.control("GET", "objects", ""), &all); err != nil {
		e.t.Fatal(err)
	}
	got := map[string]int64{}
	for _, o := range all.Objects {
		got[strings.Split(o.Key, "/")[1]] = o.Size
	}
	if !maps.Equal(got, want) || all.Uploads != 0 {
		e.t.Errorf("the storage has %v and %d incomplete uploads, want %v", got, all.Uploads, want)
	}
}

// randomContext returns a context of random bytes.
func randomContext(hash string, size int64) client.BuildContext {
	return client.BuildContext{Hash: hash, Size: size, Open: func() (io.ReadCloser, error) {
		return io.NopCloser(io.LimitReader(rand.NewChaCha8([32]byte{}), size)), nil
	}}
}

// TestFaultyUploads uploads a context of some parts to the emulator while something fails.
// Each upload succeeds, and reports its progress.
func TestFaultyUploads(t *testing.T) {
	const size = 6 << 20
	for _, fault := range []string{
		"503 PUT /s3 count=3", "500 PUT /s3 count=2", "503 POST /s3 count=2 retry-after=1", "502 HEAD /s3 count=1",
		"reset-before PUT /s3 count=2", "reset-after PUT /s3 count=2", "reset-after POST /s3 count=1", "truncate POST /s3 count=1",
		"reset-upload PUT /s3 count=2", "reset-upload PUT /s3 count=3 bytes=1000000", "reset-upload PUT /s3 count=1 bytes=5242879",
		"400 PUT /s3 count=1 code=ExpiredToken message=The provided token has expired.", "400 HEAD /s3 count=1 code=ExpiredToken",
		"400 POST /s3 count=1 code=ExpiredToken", "400 PUT /s3 count=2 code=RequestTimeout", "403 HEAD /s3 count=1",
	} {
		t.Run(fault, func(t *testing.T) {
			e := emulate(t, fault)
			c := randomContext("0a1b", size)
			var last int64
			c.Progress = func(sent, total int64) {
				if sent <= last || sent > size || total != size {
					t.Errorf("%d of %d after %d", sent, total, last)
				}
				last = sent
			}
			uploaded, err := e.client.UploadContext(t.Context(), c)
			if !uploaded || err != nil || last != size {
				t.Errorf("uploaded %t, %d bytes: %v", uploaded, last, err)
			}
			e.control("DELETE", "faults", "")
			if strings.HasPrefix(fault, "reset-after POST") || strings.HasPrefix(fault, "truncate POST") {
				return // an upload whose id was lost is left to the storage
			}
			e.stored(map[string]int64{"0a1b": size})
		})
	}
}

// TestUploadAfterAnHour advances the clock of the emulator before an upload and in the
// middle of one, so that the access has expired.
func TestUploadAfterAnHour(t *testing.T) {
	const size = 30 << 20
	e := emulate(t)
	if _, err := e.client.UploadContext(t.Context(), randomContext("first", 10)); err != nil {
		t.Fatal(err)
	}
	e.control("POST", "clock", `{"advance": "1h"}`)
	c := randomContext("second", size)
	once := sync.Once{}
	c.Progress = func(sent, _ int64) {
		if sent > size/2 {
			once.Do(func() { e.control("POST", "clock", `{"advance": "1h"}`) })
		}
	}
	if _, err := e.client.UploadContext(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	e.stored(map[string]int64{"first": 10, "second": size})
	if n := e.client.Stats().Requests[client.RateGeneral]; n != 3 {
		t.Errorf("%d accesses", n)
	}
}

// TestInterruptedUpload cancels an upload at several points. Nothing is left, and a second
// one succeeds.
func TestInterruptedUpload(t *testing.T) {
	const size = 22 << 20
	e := emulate(t)
	want := map[string]int64{}
	for _, at := range []int64{1, size / 3, size - 1, size} {
		hash := strconv.FormatInt(at, 10)
		ctx, cancel := context.WithCancel(t.Context())
		c := randomContext(hash, size)
		c.Progress = func(sent, _ int64) {
			if sent >= at {
				cancel()
			}
		}
		uploaded, err := e.client.UploadContext(ctx, c)
		if uploaded || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), hash) {
			t.Errorf("uploaded %t: %v", uploaded, err)
		}
		cancel()
		e.stored(want)
		if uploaded, err = e.client.UploadContext(t.Context(), randomContext(hash, size)); !uploaded || err != nil {
			t.Errorf("the second time: %t, %v", uploaded, err)
		}
		want[hash] = size
		e.stored(want)
	}
}

// TestRefusedUpload checks that errors name what to do, and hold no secret of the access.
func TestRefusedUpload(t *testing.T) {
	for fault, want := range map[string]string{
		"403 PUT /s3 message=Access Denied":                           "Access Denied (403); the access to the object storage",
		"400 PUT /s3 code=ExpiredToken message=The token has expired": "run the command again",
		"400 PUT /s3 code=EntityTooLarge":                             "make the build context smaller",
		"403 PUT /s3 code=RequestTimeTooSkewed":                       "set the clock of this machine",
		"403 PUT /s3 code=SignatureDoesNotMatch":                      "no proxy changes requests",
		"503 PUT /s3 retry-after=7200":                                "wait 2h0m0s",
		"html PUT /s3":                                                "got a web page",
	} {
		t.Run(fault, func(t *testing.T) {
			e := emulate(t, fault)
			access, err := e.client.PushAccess(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for hash, size := range map[string]int64{"small": 10, "large": 6 << 20} {
				_, err := e.client.UploadContext(t.Context(), randomContext(hash, size))
				if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
					t.Errorf("%s: %v", hash, err)
				}
			}
			e.stored(map[string]int64{})
			log := e.log.text.String()
			if !strings.Contains(log, "PUT") {
				t.Error("the log is empty")
			}
			for _, secret := range []string{"EMULATOR", access.Secret, access.SessionToken, "Signature", "uploadId"} {
				if strings.Contains(log, secret) {
					t.Errorf("the log shows %q", secret)
				}
			}
		})
	}
}

// TestUploadToTheEmulator checks signatures with the independent code of the emulator.
func TestUploadToTheEmulator(t *testing.T) {
	e := emulate(t)
	c := e.client
	const text = "not quite a tar"
	open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text)), nil }
	for _, want := range []bool{true, false} {
		uploaded, err := c.UploadContext(t.Context(), client.BuildContext{Hash: "0a1b", Size: int64(len(text)), Open: open})
		if uploaded != want || err != nil {
			t.Errorf("uploaded %t, want %t: %v", uploaded, want, err)
		}
	}
	wrong, err := client.New(client.Config{URL: e.url + "/api", Key: "test", Transport: spoiling{http.DefaultTransport}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = wrong.UploadContext(t.Context(), client.BuildContext{Hash: "2c3d", Size: int64(len(text)), Open: open})
	if client.ErrorClassOf(err) != client.Forbidden || !strings.Contains(err.Error(), "signature") {
		t.Errorf("got %v", err)
	}
}

// BenchmarkUpload uploads 200 MB to the emulator in the same process.
func BenchmarkUpload(b *testing.B) {
	e := emulate(b)
	const size = 200_000_000
	b.SetBytes(size)
	for i := 0; b.Loop(); i++ {
		uploaded, err := e.client.UploadContext(b.Context(), randomContext(strconv.Itoa(i), size))
		if !uploaded || err != nil {
			b.Fatal(uploaded, err)
		}
	}
}
