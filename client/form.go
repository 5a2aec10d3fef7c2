package client

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"sync"
)

// A form is a multipart body with files that is written for each attempt, so that no
// attempt holds the files in memory.
type form struct {
	write    func(put func(path string, content io.Reader) error) error
	boundary string

	mu      sync.Mutex
	err     error // of write; nil if all attempts that ended could be written
	open    []*io.PipeReader
	writers sync.WaitGroup
}

// newForm returns the form of the files that write passes to put.
func newForm(write func(put func(path string, content io.Reader) error) error) *form {
	return &form{write: write, boundary: multipart.NewWriter(io.Discard).Boundary()}
}

// attach makes the form the body of a request. The retries open it for each attempt.
func (f *form) attach(req *http.Request) {
	req.Header.Set("Content-Type", "multipart/form-data; boundary="+f.boundary)
	req.Body, req.ContentLength = http.NoBody, -1
	req.GetBody = f.attempt
}

// attempt returns the body for one attempt. Its goroutine ends at the end of the files,
// or when the body or the form is closed.
func (f *form) attempt() (io.ReadCloser, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err != nil {
		return nil, f.err // another attempt cannot succeed either
	}
	r, w := io.Pipe()
	f.open = append(f.open, r)
	f.writers.Go(func() {
		aborted := false
		err := f.writeTo(w, &aborted)
		if err != nil && !aborted {
			f.mu.Lock()
			f.err = err
			f.mu.Unlock()
		}
		_ = w.CloseWithError(err) // it never fails
	})
	return r, nil
}

// writeTo writes the form. It sets aborted if the error is that of w.
func (f *form) writeTo(w *io.PipeWriter, aborted *bool) error {
	out := abortable{w, aborted}
	parts := multipart.NewWriter(out)
	if err := parts.SetBoundary(f.boundary); err != nil {
		return err
	}
	n := 0
	err := f.write(func(path string, content io.Reader) error {
		field := fmt.Sprintf("files[%d]", n)
		n++
		if err := parts.WriteField(field+".path", path); err != nil {
			return err
		}
		part, err := parts.CreateFormFile(field+".file", path)
		if err != nil {
			return err
		}
		_, err = io.Copy(part, content)
		return err
	})
	if err != nil {
		return err
	}
	return parts.Close()
}

// abortable is a pipe that records whether its reader has gone.
type abortable struct {
	w       *io.PipeWriter
	aborted *bool
}

func (a abortable) Write(p []byte) (int, error) {
	n, err := a.w.Write(p)
	*a.aborted = *a.aborted || err != nil
	return n, err
}

// close ends all attempts, waits for their goroutines, and returns why the files could not
// be read; nil if they could.
func (f *form) close() error {
	f.mu.Lock()
	open := f.open
	f.open = nil
	f.mu.Unlock()
	for _, r := range open {
		_ = r.Close() // it never fails
	}
	f.writers.Wait()
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}
