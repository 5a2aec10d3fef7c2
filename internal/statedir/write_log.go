package statedir

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"fleet/client"
	"fleet/internal/input"
)

// WriteLogPeriod is the time that one file of a write log covers, and the
// longest lag of lists that the log can bridge.
const WriteLogPeriod = time.Minute

// A writeLog keeps what commands wrote to sandboxes for the next commands, whose
// lists may not show it yet. Each minute has a file, to which all commands
// append whole lines: files are never rewritten, and old ones are removed.
type writeLog struct {
	dir    string
	last   string // file that was last appended to
	failed bool   // an error was reported
}

// OpenWriteLog makes w remember what earlier commands wrote to a server, and
// keeps what is added to w. onError is called with the first error of keeping
// it. An empty Dir keeps nothing.
func (d Dir) OpenWriteLog(server string, w *client.Writes, onError func(error)) {
	dir, err := d.Path("writes", key(serverName(server)))
	if err != nil {
		return
	}
	k := &writeLog{dir: dir}
	now := time.Now()
	for _, file := range []string{k.file(now.Add(-w.Retention())), k.file(now)} {
		w.Add(readWrites(file)...)
	}
	k.removeOld(now)
	w.OnWrite = func(x client.Write) {
		if err := k.add(x); err != nil && !k.failed {
			k.failed = true
			onError(err)
		}
	}
}

// file returns the file of a time.
func (k *writeLog) file(at time.Time) string {
	return filepath.Join(k.dir, fmt.Sprintf("%d.jsonl", at.Unix()/int64(WriteLogPeriod/time.Second)))
}

// add appends a line in one write, so that lines of several commands do not mix.
func (k *writeLog) add(x client.Write) error {
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	file := k.file(x.At)
	if file != k.last { // a watch writes for months
		k.removeOld(x.At)
		k.last = file
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// removeOld removes the files that are older than any lag.
func (k *writeLog) removeOld(now time.Time) {
	recent := map[string]bool{k.file(now): true, k.file(now.Add(-WriteLogPeriod)): true, k.file(now.Add(WriteLogPeriod)): true}
	files, _ := filepath.Glob(filepath.Join(k.dir, "*.jsonl")) // fails only for bad patterns
	for _, file := range files {
		if !recent[file] {
			_ = os.Remove(file) // another command may have removed it
		}
	}
}

// readWrites reads the writes of a file. It skips lines that cannot be read: a
// killed command may have left half of one.
func readWrites(file string) []client.Write {
	f, err := input.Open(file)
	if err != nil {
		return nil
	}
	defer f.Close()
	var list []client.Write
	for lines := bufio.NewScanner(io.LimitReader(f, input.MaxReport)); lines.Scan(); {
		var w client.Write
		if json.Unmarshal(lines.Bytes(), &w) == nil && w.ID != "" {
			list = append(list, w)
		}
	}
	return list
}
