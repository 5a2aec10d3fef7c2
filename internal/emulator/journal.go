package emulator

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

// journalHeader is the first line of every state file.
const journalHeader = `{"daytona-emulator-state":1}`

// maxSupersededLines is how many superseded lines a journal may hold before it is rewritten,
// besides as many as there are records.
const maxSupersededLines = 1000

// line is one record as it was at some time; without a value it is gone.
type line struct {
	Kind  kind            `json:"kind"`
	ID    string          `json:"id"`
	Value json.RawMessage `json:"value,omitempty"`
}

// journal is the state file: whole records, one a line, the last line of a
// record counts. Each append is one write, so that a killed process leaves at
// most a torn last line, which is ignored.
type journal struct {
	path  string
	lock  *fileLock
	file  *os.File
	lines int
}

// openJournal loads the file into w, or begins a new one.
func openJournal(path string, w *world) (*journal, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return nil, err
	}
	lock, err := lockFile(path + ".lock")
	if err != nil {
		return nil, err
	}
	j := &journal{path: path, lock: lock}
	if err := j.load(w); err != nil {
		lock.release()
		return nil, err
	}
	if err := errors.Join(j.rewrite(w), w.store.prune(w.objects)); err != nil {
		lock.release()
		return nil, err
	}
	return j, nil
}

func (j *journal) load(w *world) error {
	raw, err := files.ReadRegular(j.path, files.MaxState)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(raw) == 0 {
		return nil
	}
	if err != nil {
		return err
	}
	head, rest, _ := bytes.Cut(raw, []byte("\n"))
	if string(head) != journalHeader {
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
	w.takeDirty()
	return nil
}

func (j *journal) corruptError(why string, number int) error {
	return fmt.Errorf("state file %s: line %d: %s; delete the file to start afresh, or name another one", j.path, number, why)
}

// restore applies one line of the journal.
func (w *world) restore(text []byte) error {
	var l line
	if err := json.Unmarshal(text, &l); err != nil {
		return err
	}
	switch l.Kind {
	case kindSandbox:
		if old := w.sandboxes.byID[l.ID]; old != nil {
			w.removeSandbox(old)
		}
		return restoreInto(l, func(sb *sandbox) { w.add(sb) }, func() {})
	case kindSnapshot:
		return restoreInto(l, func(s *snapshot) {
			w.snapshots[s.ID] = s
			w.rearmSnapshot(s)
		}, func() {
			delete(w.snapshots, l.ID)
			w.timers.set(recordKey{kindSnapshot, l.ID}, nil)
		})
	case kindVolume:
		return restoreInto(l, func(v *volume) {
			w.volumes[v.ID] = v
			w.changedVolume(v)
		}, func() {
			delete(w.volumes, l.ID)
			w.timers.set(recordKey{kindVolume, l.ID}, nil)
		})
	case kindSecret:
		return restoreInto(l, func(s *secret) { w.secrets[s.ID] = s }, func() { delete(w.secrets, l.ID) })
	case kindBuild:
		w.built[l.ID] = true
		return nil
	case kindObject:
		return restoreInto(l, func(o *object) { w.objects[o.Key] = o }, func() { delete(w.objects, l.ID) })
	case kindOrganization:
		return restoreInto(l, func(o *organization) { w.setOrganization(*o) }, func() {})
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

// append writes the records of these keys as they are now.
func (j *journal) append(w *world, keys []recordKey) error {
	if j.file == nil {
		return fs.ErrClosed
	}
	text, err := encode(w, keys)
	if err != nil {
		return err
	}
	if _, err := j.file.Write(text); err != nil {
		return err
	}
	j.lines += len(keys)
	if j.lines > 2*w.size()+maxSupersededLines {
		return j.rewrite(w)
	}
	return nil
}

// rewrite replaces the file by one without superseded lines.
func (j *journal) rewrite(w *world) error {
	keys := w.keys()
	text, err := encode(w, keys)
	if err != nil {
		return err
	}
	if j.file != nil {
		j.file.Close()
		j.file = nil
	}
	if err := maybe.WriteFile(j.path, append([]byte(journalHeader+"\n"), text...), 0o600); err != nil {
		return err
	}
	j.file, err = os.OpenFile(j.path, os.O_WRONLY|os.O_APPEND, 0)
	j.lines = len(keys)
	return err
}

func (j *journal) close(w *world) error {
	if j.file == nil {
		return nil
	}
	err := j.rewrite(w)
	if j.file != nil {
		err = errors.Join(err, j.file.Close())
		j.file = nil
	}
	j.lock.release()
	return err
}

func encode(w *world, keys []recordKey) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	for _, k := range keys {
		l := line{Kind: k.kind, ID: k.id}
		if v := w.record(k); v != nil {
			raw, err := json.Marshal(v)
			if err != nil {
				return nil, err
			}
			l.Value = raw
		}
		if err := enc.Encode(l); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), nil
}

// size is how many records there are.
func (w *world) size() int {
	return 1 + len(w.sandboxes.order) + len(w.snapshots) + len(w.volumes) + len(w.secrets) + len(w.built) + len(w.objects)
}

// keys of all records, those first that others are armed by.
func (w *world) keys() []recordKey {
	keys := make([]recordKey, 0, w.size())
	keys = append(keys, recordKey{kind: kindOrganization})
	for id := range w.snapshots {
		keys = append(keys, recordKey{kindSnapshot, id})
	}
	for id := range w.volumes {
		keys = append(keys, recordKey{kindVolume, id})
	}
	for id := range w.secrets {
		keys = append(keys, recordKey{kindSecret, id})
	}
	for ref := range w.built {
		keys = append(keys, recordKey{kindBuild, ref})
	}
	for key := range w.objects {
		keys = append(keys, recordKey{kindObject, key})
	}
	for _, sb := range w.sandboxes.order {
		keys = append(keys, recordKey{kindSandbox, sb.ID})
	}
	return keys
}
