// Package blob stores the contents of uploads: in memory, or as files of one directory.
// No content is in memory as a whole if it is stored as a file.
package blob

import (
	"crypto/rand"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	files "fleet/internal/input"
)

// The sizes in bytes of the largest object.
const (
	maxInMemory = 512 << 20
	maxInFiles  = 5 << 30
)

// prefix begins the names of blobs. Older versions named a blob by a digest of digestSize.
const (
	prefix     = "blob-"
	digestSize = 64
)

// ErrTooLarge is the error of a blob that would be larger than the limit of its store.
var ErrTooLarge = errors.New("too large")

// A Store holds blobs by name. It is safe for concurrent use.
type Store struct {
	dir string // "" keeps them in memory

	mu     sync.Mutex
	memory map[string]chunks
}

// NewStore returns a store next to a state file, or in memory if stateFile is "".
func NewStore(stateFile string) *Store {
	s := &Store{memory: map[string]chunks{}}
	if stateFile != "" {
		s.dir = stateFile + ".objects"
	}
	return s
}

// Limit returns the size in bytes of the largest object.
func (s *Store) Limit() int64 {
	if s.dir == "" {
		return maxInMemory
	}
	return maxInFiles
}

// Create returns the writer of a new blob. The caller has to close or discard it.
func (s *Store) Create() (*Writer, error) {
	w := &Writer{store: s, Name: prefix + rand.Text()}
	if s.dir == "" {
		return w, nil
	}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	w.file, err = os.OpenFile(s.path(w.Name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	return w, err
}

func (s *Store) path(name string) string { return filepath.Join(s.dir, name) }

// Open returns the contents of blobs, one after the other. The error is fs.ErrNotExist if
// one of them is not there.
func (s *Store) Open(names []string) (io.ReadCloser, error) {
	var all reader
	for _, name := range names {
		r, err := s.open(name)
		if err != nil {
			return nil, errors.Join(err, all.Close())
		}
		all.parts = append(all.parts, r)
	}
	return &all, nil
}

func (s *Store) open(name string) (io.ReadCloser, error) {
	if s.dir != "" {
		return files.Open(s.path(name))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	content, ok := s.memory[name]
	if !ok {
		return nil, fs.ErrNotExist
	}
	return content.open(), nil
}

// Remove removes blobs. A blob that is not there is no error.
func (s *Store) Remove(names []string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	for _, name := range names {
		delete(s.memory, name)
		if s.dir == "" {
			continue
		}
		if gone := os.Remove(s.path(name)); !errors.Is(gone, fs.ErrNotExist) {
			err = errors.Join(err, gone)
		}
	}
	return err
}

// Prune removes all other blobs, such as uploads during which the process was killed.
func (s *Store) Prune(keep map[string]bool) error {
	names, err := s.names()
	if err != nil {
		return err
	}
	var others []string
	for _, name := range names {
		if !keep[name] {
			others = append(others, name)
		}
	}
	return s.Remove(others)
}

func (s *Store) names() ([]string, error) {
	var names []string
	if s.dir == "" {
		s.mu.Lock()
		defer s.mu.Unlock()
		for name := range s.memory {
			names = append(names, name)
		}
		return names, nil
	}
	entries, err := os.ReadDir(s.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), prefix) || len(e.Name()) == digestSize {
			names = append(names, e.Name())
		}
	}
	return names, err
}
