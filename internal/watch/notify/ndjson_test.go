package notify

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"fleet/internal/input"
	"fleet/internal/journal"
)

// written writes the events of a journal so far.
func written(t *testing.T, j *journal.Journal, w io.Writer) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	WriteEvents(ctx, j, w)
}

// lines decodes a file of events.
func lines(t *testing.T, name string) (kinds []string) {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		var e journal.Event
		if err := json.Unmarshal(s.Bytes(), &e); err != nil {
			t.Errorf("%v in %s", err, s.Text())
		}
		kinds = append(kinds, string(e.Kind))
	}
	return kinds
}

func TestEventFile(t *testing.T) {
	name := filepath.Join(t.TempDir(), "events.ndjson")
	f, err := OpenEventFile(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	j := newJournal()
	pass(j, journal.Changed, "<b>", 1)
	written(t, j, f)
	if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", info, err)
	}
	written(t, j, f) // a second watch appends
	if got := strings.Join(lines(t, name), " "); got != "pass.started pass.ended pass.started pass.ended" {
		t.Errorf("got %s", got)
	}
	for rotate, do := range map[string]func(string) error{
		"moved": func(name string) error { return os.Rename(name, name+".1") }, "removed": os.Remove,
		"cut": func(name string) error { return os.Truncate(name, 0) },
	} {
		if err := do(name); err != nil {
			t.Fatal(err)
		}
		written(t, j, f)
		if got := strings.Join(lines(t, name), " "); got != "pass.started pass.ended" {
			t.Errorf("%s: got %s", rotate, got)
		}
	}
}

// What is not a file does not hold up the watch.
func TestEventFileIsRegular(t *testing.T) {
	dir := t.TempDir()
	pipe := filepath.Join(dir, "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	reader, err := os.OpenFile(pipe, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := OpenEventFile(pipe); !errors.As(err, new(*input.NotRegularError)) {
		t.Errorf("pipe: %v", err)
	}
	reader.Close()
	for _, name := range []string{pipe, dir, os.DevNull, filepath.Join(dir, "none", "x")} {
		if _, err := OpenEventFile(name); err == nil {
			t.Errorf("%s was opened", name)
		}
	}
}

// A full disk raises an alarm that ends with it, and lines stay whole.
func TestFullDisk(t *testing.T) {
	j := newJournal()
	w := &fullDisk{room: 10}
	pass(j, journal.Changed, "", 1)
	ctx, cancel := context.WithCancel(t.Context())
	w.after = func(writes int) {
		switch writes {
		case 2: // the alarm itself
			w.room = 1 << 20
			pass(j, journal.InSync, "", 0)
		case 4:
			cancel()
		}
	}
	WriteEvents(ctx, j, w)
	if len(j.State().Alarms) != 0 {
		t.Errorf("the alarm lasts: %+v", j.State().Alarms)
	}
	torn, rest, _ := strings.Cut(w.b.String(), "\n")
	if len(torn) != 10 || !strings.Contains(rest, `"kind":"alarm.cleared"`) {
		t.Errorf("got %s", w.b.String())
	}
	for line := range strings.Lines(rest) {
		if !json.Valid([]byte(line)) {
			t.Errorf("got the line %q", line)
		}
	}
}

// fullDisk accepts some bytes.
type fullDisk struct {
	b      strings.Builder
	room   int
	writes int
	after  func(writes int)
}

func (d *fullDisk) Write(p []byte) (n int, err error) {
	n = min(d.room, len(p))
	d.room -= n
	d.b.Write(p[:n])
	if n < len(p) {
		err = syscall.ENOSPC
	}
	d.writes++
	d.after(d.writes)
	return n, err
}

// A reader that was too slow gets the number of events that it missed.
func TestLostEvents(t *testing.T) {
	j := newJournal()
	for range 2500 {
		j.Step(journal.Step{Address: "sandbox.a"})
	}
	var b strings.Builder
	written(t, j, &b)
	first, _, _ := strings.Cut(b.String(), "\n")
	var lost lostEvents
	if err := json.Unmarshal([]byte(first), &lost); err != nil || lost.Kind != "events.lost" || int(lost.Lost)+strings.Count(b.String(), "\n")-1 != 2500 {
		t.Errorf("got %s, %v", first, err)
	}
}
