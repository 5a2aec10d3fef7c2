package cli

import (
	"bufio"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"fleet/client"
	"fleet/internal/input"
)

// What commands write to sandboxes is kept for the next ones, which may ask a
// list that does not show it yet. Each minute has a file of its own, to which
// every command of that minute appends whole lines: no file is written anew, and
// old ones are removed.

// writeLogPeriod is the time that one file is about.
const writeLogPeriod = time.Minute

// listLagVariable is the environment variable that says how far lists may lag.
const listLagVariable = "FLEET_LIST_LAG"

// openWriteLog returns the memory of writes to a server, with what earlier commands
// have kept. Where nothing can be kept, it is the memory of this command.
func (a *app) openWriteLog(address string) (*client.Writes, error) {
	w := &client.Writes{}
	if text := a.env(listLagVariable); text != "" {
		lag, err := time.ParseDuration(text)
		if err != nil || lag <= 0 || lag > writeLogPeriod {
			return nil, invalid("%s=%s: want a duration up to %s, such as 10s", listLagVariable, text, writeLogPeriod)
		}
		w.ListLag = lag
	}
	sum := sha256.Sum256([]byte(strings.TrimRight(address, "/")))
	dir, err := a.statePath("writes", fmt.Sprintf("%x", sum[:8]))
	if err != nil {
		return w, nil //nolint:nilerr // there is no place to keep anything
	}
	k := &writeLog{dir: dir}
	now := time.Now()
	for _, file := range []string{k.file(now.Add(-w.Retention())), k.file(now)} {
		w.Add(readWrites(file)...)
	}
	k.removeOld(now)
	w.OnWrite = func(x client.Write) {
		if err := k.add(x); err != nil && a.verbose && !k.failed {
			k.failed = true
			a.note("What is written to sandboxes is not kept for the next commands: %v", err)
		}
	}
	return w, nil
}

// writeLog is a directory of files of writes.
type writeLog struct {
	dir    string
	failed bool // and was reported
}

// file is that of a moment.
func (k *writeLog) file(at time.Time) string {
	return filepath.Join(k.dir, fmt.Sprintf("%d.jsonl", at.Unix()/int64(writeLogPeriod/time.Second)))
}

// add appends one write, in one piece.
func (k *writeLog) add(x client.Write) error {
	line, err := json.Marshal(x)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(k.dir, 0o700); err != nil {
		return err
	}
	f, err := os.OpenFile(k.file(x.At), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	return errors.Join(err, f.Close())
}

// removeOld removes the files that no window reaches back to.
func (k *writeLog) removeOld(now time.Time) {
	recent := map[string]bool{k.file(now): true, k.file(now.Add(-writeLogPeriod)): true, k.file(now.Add(writeLogPeriod)): true}
	files, _ := filepath.Glob(filepath.Join(k.dir, "*.jsonl")) // fails only for bad patterns
	for _, file := range files {
		if !recent[file] {
			_ = os.Remove(file) // another command may have been faster
		}
	}
}

// readWrites reads the writes of a file. A line that cannot be read, as one that
// a killed command left half written, is passed over.
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
