package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"fleet/client"
)

// hash names the context.
const hash = "0a1b2c3d"

// writeContent writes a file of bytes that do not compress.
func writeContent(dir string, size int64) (string, error) {
	name := filepath.Join(dir, "context.tar")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	defer f.Close()
	_, err = io.CopyN(f, rand.NewChaCha8([32]byte{}), size)
	return name, err
}

// An emulated is a running emulator.
type emulated struct {
	base    string // its address
	process *exec.Cmd
}

// startEmulator starts the emulator of a built program, with its state in a directory.
func startEmulator(ctx context.Context, fleet, dir string) (*emulated, error) {
	free, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil {
		return nil, err
	}
	s := &emulated{base: "http://" + address}
	s.process = exec.CommandContext(ctx, fleet, "emulator", "--listen", address, "--control", "--state", filepath.Join(dir, "state"))
	s.process.Stderr = os.Stderr
	if err := s.process.Start(); err != nil {
		return nil, err
	}
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		if err = s.reset(ctx); err == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			s.stop()
			return nil, err
		}
	}
}

func (s *emulated) stop() {
	_ = s.process.Process.Signal(os.Interrupt)
	_ = s.process.Wait()
}

// reset removes the objects.
func (s *emulated) reset(ctx context.Context) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodDelete, s.base+"/_emulator/state", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	return res.Body.Close()
}

// access returns an access to the object storage.
func (s *emulated) access(ctx context.Context) (client.StorageAccess, error) {
	c, err := client.New(client.Config{URL: s.base + "/api", Key: "bench"})
	if err != nil {
		return client.StorageAccess{}, err
	}
	defer c.Close()
	return c.PushAccess(ctx)
}

// uploadWithClient uploads a file in a process of its own, and returns the peak memory of
// that in kB.
func (s *emulated) uploadWithClient(ctx context.Context, file string) (took time.Duration, peak int, err error) {
	self, err := os.Executable()
	if err != nil {
		return 0, 0, err
	}
	if err := s.reset(ctx); err != nil {
		return 0, 0, err
	}
	took, out, err := run(ctx, self, "-upload", s.base+"/api", file)
	if err != nil {
		return 0, 0, err
	}
	if peak, err = strconv.Atoi(strings.TrimSpace(out)); err != nil {
		return 0, 0, err
	}
	return took, peak, s.check(ctx, file)
}

// uploadWithCurl uploads a file with a signed request.
func (s *emulated) uploadWithCurl(ctx context.Context, file string) (time.Duration, error) {
	if err := s.reset(ctx); err != nil {
		return 0, err
	}
	a, err := s.access(ctx)
	if err != nil {
		return 0, err
	}
	address := fmt.Sprintf("%s/%s/%s/%s/context.tar", a.URL, a.Bucket, a.OrganizationID, hash)
	took, _, err := run(ctx, "curl", "-sS", "--fail-with-body", "-T", file, "--aws-sigv4", "aws:amz:"+a.Region+":s3",
		"--user", a.AccessKey+":"+a.Secret, "-H", "X-Amz-Security-Token: "+a.SessionToken, "-H", "X-Amz-Content-Sha256: UNSIGNED-PAYLOAD", address)
	if err != nil {
		return 0, err
	}
	return took, s.check(ctx, file)
}

// run runs a program, and returns what it printed.
func run(ctx context.Context, program string, args ...string) (time.Duration, string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, os.Stderr
	start := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, "", fmt.Errorf("%s: %w: %s", filepath.Base(program), err, out.String())
	}
	return time.Since(start).Round(time.Millisecond), out.String(), nil
}

// check returns an error unless the storage has one object of the size of the file.
func (s *emulated) check(ctx context.Context, file string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.base+"/_emulator/objects", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	var stored struct{ Objects []struct{ Size int64 } }
	if err := json.NewDecoder(res.Body).Decode(&stored); err != nil {
		return err
	}
	info, err := os.Stat(file)
	if err == nil && (len(stored.Objects) != 1 || stored.Objects[0].Size != info.Size()) {
		err = fmt.Errorf("the storage has %v rather than a file of %d bytes", stored.Objects, info.Size())
	}
	return err
}
