package notify

import (
	"io/fs"
	"os"
	"syscall"

	"fleet/internal/input"
)

// An EventFile appends to a regular file that only its owner may read. If the file was
// moved or removed since the last write, as logrotate does, it starts a new one.
type EventFile struct {
	name string
	file *os.File
}

// OpenEventFile opens a file for appending, or makes it. It does not wait for the reader
// of a pipe: a pipe or a device is an [input.NotRegularError].
func OpenEventFile(name string) (*EventFile, error) {
	f := &EventFile{name: name}
	return f, f.open()
}

func (f *EventFile) open() error {
	file, err := os.OpenFile(f.name, os.O_APPEND|os.O_CREATE|os.O_WRONLY|syscall.O_NONBLOCK, 0o600)
	if err != nil {
		return err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &input.NotRegularError{Name: f.name, Mode: info.Mode()}
	}
	if err != nil {
		file.Close()
		return err
	}
	f.file = file
	return nil
}

// Write appends p to the file.
func (f *EventFile) Write(p []byte) (int, error) {
	if f.moved() {
		if f.file != nil {
			f.file.Close()
			f.file = nil
		}
		if err := f.open(); err != nil {
			return 0, err
		}
	}
	return f.file.Write(p)
}

// moved reports whether the name stands for another file than the open one, or none.
func (f *EventFile) moved() bool {
	if f.file == nil {
		return true
	}
	var here, open fs.FileInfo
	var err error
	if here, err = os.Stat(f.name); err != nil {
		return true
	}
	if open, err = f.file.Stat(); err != nil {
		return true
	}
	return !os.SameFile(here, open)
}

// Close closes the file.
func (f *EventFile) Close() error {
	if f.file == nil {
		return nil
	}
	return f.file.Close()
}
