package world

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2/maybe"

	files "fleet/internal/input"
)

// ObjectStore stores the contents of uploaded objects: in memory, or as files of one
// directory, each named by the digest of its key.
type ObjectStore struct {
	dir    string // "" keeps them in memory
	memory map[string][]byte
}

// NewObjectStore returns a store next to a state file, or in memory if stateFile is
// "".
func NewObjectStore(stateFile string) *ObjectStore {
	s := &ObjectStore{memory: map[string][]byte{}}
	if stateFile != "" {
		s.dir = stateFile + ".objects"
	}
	return s
}

func (s *ObjectStore) file(key string) string { return filepath.Join(s.dir, DigestOf(key)) }

func (s *ObjectStore) put(key string, content []byte) error {
	if s.dir == "" {
		s.memory[key] = content
		return nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return err
	}
	return maybe.WriteFile(s.file(key), content, 0o600)
}

// Get returns the content of an object, or fs.ErrNotExist.
func (s *ObjectStore) Get(key string) ([]byte, error) {
	if s.dir != "" {
		return files.ReadRegular(s.file(key), MaxObject)
	}
	content, ok := s.memory[key]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return content, nil
}

// Prune removes all other objects, such as uploads during which the process was
// killed.
func (s *ObjectStore) Prune(objects map[string]*Object) error {
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
		known[DigestOf(key)] = true
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range entries {
		if len(e.Name()) == len(DigestOf("")) && !known[e.Name()] {
			err = errors.Join(err, os.Remove(filepath.Join(s.dir, e.Name())))
		}
	}
	return err
}

// MaxObject is the maximum size of an upload in bytes.
const MaxObject = 512 << 20
