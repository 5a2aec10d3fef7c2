package emulator

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	files "fleet/internal/input"
)

// objectStore keeps the bytes of uploaded objects: in memory, or as files of one
// directory, each named by the digest of its key.
type objectStore struct {
	dir    string // "" keeps them in memory
	memory map[string][]byte
}

func newObjectStore(stateFile string) *objectStore {
	s := &objectStore{memory: map[string][]byte{}}
	if stateFile != "" {
		s.dir = stateFile + ".objects"
	}
	return s
}

func (s *objectStore) file(key string) string { return filepath.Join(s.dir, digestOf(key)) }

func (s *objectStore) put(key string, content []byte) error {
	if s.dir == "" {
		s.memory[key] = content
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(s.file(key), content, 0o600)
}

// get returns fs.ErrNotExist for what was never put.
func (s *objectStore) get(key string) ([]byte, error) {
	if s.dir != "" {
		return files.ReadRegular(s.file(key), maxObject)
	}
	content, ok := s.memory[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return content, nil
}

// prune removes all but these objects, such as what a killed process stored
// without having answered.
func (s *objectStore) prune(objects map[string]*object) error {
	if s.dir == "" {
		for key := range s.memory {
			if objects[key] == nil {
				delete(s.memory, key)
			}
		}
		return nil
	}
	known := map[string]bool{}
	for key := range objects {
		known[digestOf(key)] = true
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if len(e.Name()) == len(digestOf("")) && !known[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(s.dir, e.Name())))
		}
	}
	return err
}

// maxObject bounds one upload.
const maxObject = 512 << 20
