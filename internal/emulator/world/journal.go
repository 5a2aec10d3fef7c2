package world

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	files "fleet/internal/input"
)

// JournalHeader is the first line of every state file.
const JournalHeader = `{"daytona-emulator-state":1}`

// MaxSupersededLines is the number of superseded lines, in addition to the number of
// records, from which on a journal is rewritten.
const MaxSupersededLines = 1000

// line is one version of a record. It has no value if the record was deleted.
type line struct {
	Kind  Kind            `json:"kind"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
}

// Journal is the state file. Each line is a whole record, and the last line of a
// record is the valid one. Each append is one write: if the process is killed, at most
// the last line is incomplete, and loading ignores it.
type Journal struct {
	path  string
	lock  *fileLock
	file  *os.File
	lines int
	size  int // of the file when it was last read or rewritten, in bytes
}

// OpenJournal loads the file at path into w, or creates it. It locks the file against
// other processes; the error is a [*LockedError] if one of them uses it.
func OpenJournal(path string, w *World, o LockOptions) (*Journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock, err := lockFile(path+".lock", o)
	if err != nil {
		return nil, err
	}
	j := &Journal{path: path, lock: lock}
	if err := j.load(w); err != nil {
		lock.release()
		return nil, err
	}
	if err := errors.Join(j.Rewrite(w), w.PruneStore()); err != nil {
		lock.release()
		return nil, err
	}
	return j, nil
}

func (j *Journal) load(w *World) error {
	raw, err := files.ReadRegular(j.path, files.MaxState)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(raw) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	j.size = len(raw)
	head, rest, _ := bytes.Cut(raw, []byte("\n"))
	if string(head) != JournalHeader {
		return j.corruptError("it was not written by the emulator", 1)
	}
	for number := 2; len(rest) > 0; number++ {
		text, more, complete := bytes.Cut(rest, []byte("\n"))
		if !complete {
			break
		}
		if err := w.restore(text); err != nil {
			return j.corruptError(err.Error(), number)
		}
		rest = more
	}
	w.TakeDirty()
	w.TakeObsolete() // of older lines; PruneStore removes what no record has
	return nil
}

func (j *Journal) corruptError(why string, number int) error {
	return fmt.Errorf("state file %s: line %d: %s; delete the file to start afresh, or name another one", j.path, number, why)
}

// restore applies one line of the journal.
func (w *World) restore(text []byte) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	switch l.Kind {
	case KindSandbox:
		if old := w.Sandboxes.ByID[l.ID]; old != nil {
			w.removeSandbox(old)
		}
		return restoreInto(l, func(sb *Sandbox) { w.Add(sb) }, func() {})
	case KindSnapshot:
		return restoreInto(l, func(s *Snapshot) {
			w.Snapshots[s.ID] = s
			w.RearmSnapshot(s)
		}, func() {
			delete(w.Snapshots, l.ID)
			w.Timers.set(RecordKey{KindSnapshot, l.ID}, nil)
		})
	case kindVolume:
		return restoreInto(l, func(v *Volume) {
			w.Volumes[v.ID] = v
			w.ChangedVolume(v)
		}, func() {
			delete(w.Volumes, l.ID)
			w.Timers.set(RecordKey{kindVolume, l.ID}, nil)
		})
	case KindSecret:
		return restoreInto(l, func(s *Secret) { w.Secrets[s.ID] = s }, func() { delete(w.Secrets, l.ID) })
	case KindRegistry:
		return restoreInto(l, func(r *Registry) { w.Registries[r.ID] = r }, func() { delete(w.Registries, l.ID) })
	case kindBuild:
		w.built[l.ID] = true
		return nil
	case kindObject:
		return restoreInto(l, func(o *Object) { w.Objects[o.Key] = o }, func() { delete(w.Objects, l.ID) })
	case KindOrganization:
		return restoreInto(l, func(o *Organization) { w.SetOrganization(*o) }, func() {})
	}
	return fmt.Errorf("unknown kind of record %q", l.Kind)
}

func restoreInto[T any](l line, put func(*T), remove func()) error {
	if len(l.Value) == 0 {
		remove()
		return nil
	}
	v := new(T)
	if err := json.Unmarshal(l.Value, v); err != nil {
		return err
	}
	put(v)
	return nil
}

// Append writes the current records of these keys. It rewrites the file once most of
// its lines are superseded.
func (j *Journal) Append(w *World, keys []RecordKey) error {
	if j.file == nil {
		return fs.ErrClosed
	}
	var text bytes.Buffer
	if err := encode(&text, w, keys); err != nil {
		return err
	}
	if _, err := j.file.Write(text.Bytes()); err != nil {
		return err
	}
	j.lines += len(keys)
	if j.lines > 2*w.size()+MaxSupersededLines {
		return j.Rewrite(w)
	}
	return nil
}

// Rewrite replaces the file by one without superseded lines.
func (j *Journal) Rewrite(w *World) error {
	keys := w.keys()
	var text bytes.Buffer
	text.Grow(j.size) // a large file is not copied again and again
	text.WriteString(JournalHeader + "\n")
	if err := encode(&text, w, keys); err != nil {
		return err
	}
	j.size = text.Len()
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
	if err := maybe.WriteFile(j.path, text.Bytes(), 0o600); err != nil {
		return err
	}
	var err error
	j.file, err = os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	j.lines = len(keys)
	return err
}

// Close rewrites and closes the file, and releases its lock.
func (j *Journal) Close(w *World) error {
	if j.file == nil {
		return nil
	}
	err := j.Rewrite(w)
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
		j.file = nil
	}
	j.lock.release()
	return err
}

// encode adds the lines of the current records of these keys. The line of a deleted
// record has no value.
func encode(out *bytes.Buffer, w *World, keys []RecordKey) error {
	enc := json.NewEncoder(out)
	for _, k := range keys {
		l := line{Kind: k.Kind, ID: k.ID}
		if v := w.record(k); v != nil {
			raw, err := json.Marshal(v)
			if err != nil {
				return err
			}
			l.Value = raw
		}
		if err := enc.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

// size returns the number of records.
func (w *World) size() int {
	return 1 + len(w.Sandboxes.Order) + len(w.Snapshots) + len(w.Volumes) + len(w.Secrets) + len(w.Registries) + len(w.built) + len(w.Objects)
}

// keys returns the keys of all records, in an order in which they can be restored.
func (w *World) keys() []RecordKey {
	keys := make([]RecordKey, 0, w.size())
	keys = append(keys, RecordKey{Kind: KindOrganization})
	for id := range w.Snapshots {
		keys = append(keys, RecordKey{KindSnapshot, id})
	}
	for id := range w.Volumes {
		keys = append(keys, RecordKey{kindVolume, id})
	}
	for id := range w.Secrets {
		keys = append(keys, RecordKey{KindSecret, id})
	}
	for id := range w.Registries {
		keys = append(keys, RecordKey{KindRegistry, id})
	}
	for ref := range w.built {
		keys = append(keys, RecordKey{kindBuild, ref})
	}
	for key := range w.Objects {
		keys = append(keys, RecordKey{kindObject, key})
	}
	for _, sb := range w.Sandboxes.Order {
		keys = append(keys, RecordKey{KindSandbox, sb.ID})
	}
	return keys
}
