package input

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func write(t *testing.T, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "in.txt")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestBound reads files of one byte less than the bound, as many, and one more.
func TestBound(t *testing.T) {
	readers := map[string]func(file string) ([]byte, error){
		"Regular": func(file string) ([]byte, error) { return ReadRegular(file, 4) },
		"Named":   func(file string) ([]byte, error) { return ReadNamed(t.Context(), file, 4) },
		"Stream": func(file string) ([]byte, error) {
			f, err := os.Open(file)
			if err != nil {
				return nil, err
			}
			defer f.Close()
			return ReadStream(t.Context(), f, file, 4)
		},
	}
	for name, read := range readers {
		for _, text := range []string{"", "abc", "abcd"} {
			if got, err := read(write(t, text)); string(got) != text || err != nil {
				t.Errorf("%s: got %q, %v; want %q", name, got, err, text)
			}
		}
		file := write(t, "abcde")
		var large *TooLargeError
		if _, err := read(file); !errors.As(err, &large) || err.Error() != file+" is larger than the limit of 4 bytes" {
			t.Errorf("%s: got %v, want a LargeError", name, err)
		}
		if _, err := read(file + "x"); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: got %v for a file that is not there", name, err)
		}
	}
}

func TestSize(t *testing.T) {
	for n, want := range map[int64]string{4: "4 bytes", 4 << 10: "4 KiB", 8 << 20: "8 MiB", 2 << 30: "2 GiB", 1<<20 + 1: "1048577 bytes"} {
		if got := FormatSize(n); got != want {
			t.Errorf("Size(%d) = %q, want %q", n, got, want)
		}
	}
}

// TestDirectory refuses what is a directory, by name.
func TestDirectory(t *testing.T) {
	dir := t.TempDir()
	for _, read := range []func() ([]byte, error){
		func() ([]byte, error) { return ReadRegular(dir, 4) },
		func() ([]byte, error) { return ReadNamed(t.Context(), dir, 4) },
	} {
		if _, err := read(); err == nil || err.Error() != "read "+dir+": is a directory" {
			t.Errorf("got %v", err)
		}
	}
}

// TestStreamEnds checks that reading a silent stream ends with the context: one that is
// done before, and one that ends meanwhile.
func TestStreamEnds(t *testing.T) {
	r, w := io.Pipe()
	defer w.Close()
	ctx, cancel := context.WithCancel(t.Context())
	begun := beginning{r, make(chan struct{}, 1)}
	go func() {
		<-begun.reads
		cancel()
	}()
	if _, err := ReadStream(ctx, begun, "<stdin>", 4); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
	if _, err := ReadStream(ctx, strings.NewReader("abc"), "<stdin>", 4); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want that it was cancelled", err)
	}
}

// beginning reports when it is read.
type beginning struct {
	io.Reader
	reads chan struct{}
}

func (b beginning) Read(p []byte) (int, error) {
	b.reads <- struct{}{}
	return b.Reader.Read(p)
}

// TestStreamFails names what could not be read.
func TestStreamFails(t *testing.T) {
	_, err := ReadStream(t.Context(), failing{}, "<stdin>", 4)
	if !errors.Is(err, io.ErrUnexpectedEOF) || err.Error() != "read <stdin>: unexpected EOF" {
		t.Errorf("got %v", err)
	}
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
