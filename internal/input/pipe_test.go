//go:build unix

package input

import (
	"bufio"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func mkfifo(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(file, 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestRegularRefuses refuses pipes and devices at once, also by a link, and
// leaves alone who would write to a pipe.
func TestRegularRefuses(t *testing.T) {
	pipe := mkfifo(t)
	link := filepath.Join(filepath.Dir(pipe), "link")
	if err := os.Symlink(pipe, link); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{pipe: "a pipe", link: "a pipe", "/dev/zero": "a device"} {
		var irregular *NotRegularError
		if _, err := ReadRegular(file, 4); !errors.As(err, &irregular) || err.Error() != file+" is "+want+", not a regular file" {
			t.Errorf("%s: got %v", file, err)
		}
	}
}

// TestNamedDevice bounds what has no end.
func TestNamedDevice(t *testing.T) {
	var large *TooLargeError
	if _, err := ReadNamed(t.Context(), "/dev/zero", 1<<16); !errors.As(err, &large) {
		t.Errorf("got %v, want a LargeError", err)
	}
	if got, err := ReadNamed(t.Context(), "/dev/null", 4); len(got) > 0 || err != nil {
		t.Errorf("got %q, %v of /dev/null", got, err)
	}
}

// TestNamedPipe reads a pipe whose writer comes later, and in pieces.
func TestNamedPipe(t *testing.T) {
	pipe := mkfifo(t)
	go func() {
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0)
		if err != nil {
			return
		}
		for _, piece := range []string{"a", "b", strings.Repeat("c", 1<<17)} {
			_, _ = w.WriteString(piece)
		}
		w.Close()
	}()
	got, err := ReadNamed(t.Context(), pipe, 1<<18)
	if want := "ab" + strings.Repeat("c", 1<<17); string(got) != want || err != nil {
		t.Errorf("got %d bytes, %v; want %d", len(got), err, len(want))
	}
}

// TestNamedPipeEnds ends with the context: without a writer, and with one that
// writes no more.
func TestNamedPipeEnds(t *testing.T) {
	pipe := mkfifo(t)
	for _, written := range []string{"", "half"} {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() {
			_, err := ReadNamed(ctx, pipe, 4<<10)
			ended <- err
		}()
		w, err := os.OpenFile(pipe, os.O_WRONLY, 0) // returns once the pipe is read
		if err != nil {
			t.Fatal(err)
		}
		if written == "" {
			w.Close()
			if err := <-ended; err != nil {
				t.Errorf("got %v of a pipe that its writer left", err)
			}
			cancel()
			continue
		}
		if _, err := w.WriteString(written); err != nil {
			t.Fatal(err)
		}
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want that it was cancelled", err)
		}
		w.Close()
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ReadNamed(ctx, pipe, 4); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v without a writer, want that it was cancelled", err)
	}
}

// TestReadyWaits ends the wait for a pipe that has no writer at all.
func TestReadyWaits(t *testing.T) {
	f, err := open(mkfifo(t))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if set, err := poll(f, nil, 0); set || err != nil {
		t.Fatalf("a pipe without a writer is ready: %v, %v", set, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- waitReadable(ctx, f) }()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// TestReaderKeeps reads line by line from a file without deadlines, as standard
// input is, and takes no more than was asked for.
func TestReaderKeeps(t *testing.T) {
	var fds [2]int
	if err := syscall.Pipe(fds[:]); err != nil {
		t.Fatal(err)
	}
	r, w := os.NewFile(uintptr(fds[0]), "in"), os.NewFile(uintptr(fds[1]), "out")
	defer r.Close()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	in := bufio.NewReader(NewReader(ctx, r))
	if _, err := w.WriteString("one\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := in.ReadString('\n'); line != "one\n" || err != nil {
		t.Errorf("got %q, %v", line, err)
	}
	ended := make(chan error)
	go func() {
		_, err := in.ReadString('\n')
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if _, err := w.WriteString("two\n"); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(r).ReadString('\n'); line != "two\n" || err != nil {
		t.Errorf("after the end: got %q, %v", line, err)
	}
}
