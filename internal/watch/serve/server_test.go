package serve

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// run serves until the test ends.
func run(t *testing.T, o Options) *Server {
	t.Helper()
	s, err := Listen(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return s
}

// over returns a client of a unix socket.
func over(path string) *http.Client {
	return &http.Client{Transport: &http.Transport{DisableKeepAlives: true, DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", path)
	}}}
}

// status sends a request without a token, and returns the status of the response.
func status(t *testing.T, c *http.Client, url string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/api/reconcile", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	response, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

// shortDir returns a directory whose path fits into the address of a socket.
func shortDir(t *testing.T) string {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("no socket on this system")
	}
	dir, err := os.MkdirTemp("", "fleet")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// TestListeners serves on both: the socket demands no token, since its permissions
// protect it.
func TestListeners(t *testing.T) {
	c := &controls{}
	o := options(newJournal(), c)
	o.Listen, o.Token, o.Socket = "127.0.0.1:0", secret, filepath.Join(shortDir(t), "watch", "demo.sock")
	s := run(t, o)
	bare := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	if got := status(t, bare, "http://"+s.Addr().String()); got != 401 || c.take() != "" {
		t.Errorf("TCP without a token: %d", got)
	}
	if got := status(t, over(o.Socket), "http://fleet"); got != 202 || c.take() != "reconcile command" {
		t.Errorf("socket: %d", got)
	}
	for path, want := range map[string]os.FileMode{o.Socket: os.ModeSocket | 0o600, filepath.Dir(o.Socket): os.ModeDir | 0o700, o.Socket + ".lock": 0o600} {
		if info, err := os.Lstat(path); err != nil || info.Mode() != want {
			t.Errorf("%s: %v %v, want %v", path, info.Mode(), err, want)
		}
	}
	var running *RunningError
	if _, err := Listen(t.Context(), Options{Journal: o.Journal, Socket: o.Socket}); !errors.As(err, &running) || !strings.Contains(err.Error(), "another fleet watch") {
		t.Errorf("a second watch: %v", err)
	}
	if got := status(t, over(o.Socket), "http://fleet"); got != 202 {
		t.Errorf("after a second watch was refused: %d", got)
	}
	_, err := Listen(t.Context(), Options{Journal: o.Journal, Listen: s.Addr().String()})
	if err == nil || !strings.Contains(err.Error(), "--listen "+s.Addr().String()) {
		t.Errorf("a used address: %v", err)
	}
}

// TestSocketFiles opens a socket over everything that may be at its path.
func TestSocketFiles(t *testing.T) {
	path := filepath.Join(shortDir(t), "watch", "demo.sock")
	open := func() error {
		s, err := OpenSocket(t.Context(), path)
		if err != nil {
			return err
		}
		c, err := new(net.Dialer).DialContext(t.Context(), "unix", path)
		if err == nil {
			c.Close()
		}
		return errors.Join(err, s.Close())
	}
	if err := open(); err != nil {
		t.Fatalf("nothing is there: %v", err)
	}
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket stays after the end: %v", err)
	}
	stale, err := net.ListenUnix("unix", &net.UnixAddr{Name: path})
	if err != nil {
		t.Fatal(err)
	}
	stale.SetUnlinkOnClose(false) // as if the watch was killed
	stale.Close()
	if err := open(); err != nil {
		t.Errorf("a stale socket is there: %v", err)
	}
	if err := os.Chmod(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Errorf("others may enter the directory: %v", err)
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the directory stays open to others: %v %v", info.Mode(), err)
	}
	if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := open(); err == nil || !strings.Contains(err.Error(), "not a socket") {
		t.Errorf("a file is there: %v", err)
	}
	if text, err := os.ReadFile(path); err != nil || string(text) != "mine" {
		t.Errorf("the file was changed: %q %v", text, err)
	}
	path = filepath.Join(filepath.Dir(path), strings.Repeat("x", 120))
	if err := open(); err == nil || !strings.Contains(err.Error(), "XDG_STATE_HOME") {
		t.Errorf("a long path: %v", err)
	}
}

// TestSocketIsReleased opens the socket again after its watch has ended, and does not
// remove the socket of the next one.
func TestSocketIsReleased(t *testing.T) {
	path := filepath.Join(shortDir(t), "demo.sock")
	first, err := OpenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	first.Close()
	second, err := OpenSocket(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	defer second.Close()
	first.Close()
	if _, err := os.Lstat(path); err != nil {
		t.Errorf("the socket of the second watch is gone: %v", err)
	}
}

// TestSocketRace starts several watches at once: one of them gets the socket.
func TestSocketRace(t *testing.T) {
	path := filepath.Join(shortDir(t), "watch", "demo.sock")
	const n = 8
	opened, failed := make(chan *Socket, n), make(chan error, n)
	for range n {
		go func() {
			s, err := OpenSocket(t.Context(), path)
			opened <- s
			failed <- err
		}()
	}
	won := 0
	for range n {
		var running *RunningError
		if err := <-failed; err == nil {
			won++
		} else if !errors.As(err, &running) {
			t.Error(err)
		}
	}
	for range n {
		if s := <-opened; s != nil {
			defer s.Close()
		}
	}
	if _, err := new(net.Dialer).DialContext(t.Context(), "unix", path); won != 1 || err != nil {
		t.Errorf("%d watches have the socket, %v", won, err)
	}
}

// TestListenerFails checks that a watch hears of a listener that ends.
func TestListenerFails(t *testing.T) {
	s, err := Listen(t.Context(), Options{Journal: newJournal(), Listen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	s.ends[0].listener.Close()
	if err := s.Run(t.Context()); !errors.Is(err, net.ErrClosed) {
		t.Errorf("a listener that fails: %v", err)
	}
}
