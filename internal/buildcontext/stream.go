package buildcontext

import (
	"errors"
	"io"
	"io/fs"
	"runtime"
	"sync"
)

const (
	maxAhead  = 256 << 10 // bytes of a file that is read ahead as a whole
	aheadSize = 16        // files that are read ahead at most
)

// errNoSource is the error for manifests whose files are not known to be on disk.
var errNoSource = errors.New("the manifest was read from a cache; its files cannot be sent")

// Open returns the tar stream of the files: sorted, with modes, without owners and
// times. Read fails with a [*FileError] if a file is not the one in the manifest; an
// archive that was read to its end has the hash of the manifest. The caller must close
// the stream. Several streams of a manifest may be open at a time.
func (m Manifest) Open() (io.ReadCloser, error) { return m.OpenAt(0) }

// OpenAt returns the part of the tar stream that starts at an offset in bytes, as
// [Manifest.Open].
func (m Manifest) OpenAt(offset int64) (io.ReadCloser, error) {
	if m.source == (Source{}) {
		return nil, errNoSource
	}
	files := m.Files
	for len(files) > 0 {
		size := entrySize(files[0])
		if offset < size {
			break
		}
		files, offset = files[1:], offset-size
	}
	return newStream(m.source.layout(), files, offset), nil
}

// A stream is the tar stream of files. Small files are read ahead by workers, which end
// at the last file, at an error, or when the stream is closed.
type stream struct {
	layout layout
	files  []File
	skip   int64 // bytes that are not returned
	err    error // of all further reads

	tokens  chan struct{}           // one for each file that may be read ahead
	ready   [aheadSize]chan *packed // file i at i % aheadSize
	next    int                     // of files, to be read from ready
	current *packed                 // nil between files
	ended   bool                    // whether the trailer was returned

	stop    chan struct{}
	stopped sync.Once
	workers sync.WaitGroup
	mu      sync.Mutex
	taken   int // files that workers took
}

// newStream returns the stream of files without the first bytes.
func newStream(l layout, files []File, skip int64) *stream {
	s := &stream{layout: l, files: files, skip: skip, tokens: make(chan struct{}, aheadSize), stop: make(chan struct{})}
	for i := range s.ready {
		s.ready[i] = make(chan *packed, 1)
		s.tokens <- struct{}{}
	}
	for range min(runtime.GOMAXPROCS(0), len(files)) {
		s.workers.Go(s.work)
	}
	return s
}

// work reads files ahead.
func (s *stream) work() {
	for {
		select {
		case <-s.stop:
			return
		case <-s.tokens:
		}
		s.mu.Lock()
		i := s.taken
		s.taken++
		s.mu.Unlock()
		if i >= len(s.files) {
			return
		}
		s.ready[i%aheadSize] <- pack(s.layout.disk(s.files[i].Path), &s.files[i])
	}
}

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for s.err == nil && len(p) > 0 {
		if s.current == nil {
			s.err = s.advance()
			continue
		}
		n, err := s.current.read(p)
		if errors.Is(err, io.EOF) {
			s.current.release()
			s.current, err = nil, nil
			if !s.ended { // it was a file
				s.tokens <- struct{}{}
			}
		}
		if err != nil {
			s.fail(err)
		}
		drop := min(s.skip, int64(n))
		s.skip -= drop
		if n -= int(drop); n > 0 {
			copy(p, p[drop:int(drop)+n])
			return n, nil
		}
	}
	return 0, s.err
}

// advance makes the next file the current one, or the trailer after the last file.
func (s *stream) advance() error {
	switch {
	case s.ended:
		return io.EOF
	case s.next == len(s.files):
		s.ended = true
		s.current = &packed{rest: make([]byte, trailerSize)}
		return nil
	}
	s.current = <-s.ready[s.next%aheadSize]
	s.next++
	return nil
}

// fail ends the stream with an error.
func (s *stream) fail(err error) {
	s.err = err
	s.stopped.Do(func() { close(s.stop) })
}

// Close ends the workers and closes all files. It may be called more than once.
func (s *stream) Close() error {
	if s.err == nil {
		s.err = fs.ErrClosed
	}
	s.stopped.Do(func() { close(s.stop) })
	s.workers.Wait()
	if s.current != nil {
		s.current.release()
		s.current = nil
	}
	for _, slot := range s.ready {
		select {
		case p := <-slot:
			p.release()
		default:
		}
	}
	return nil
}
