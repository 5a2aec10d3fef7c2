package spec

import "fmt"

// maxRead bounds the bytes of all files that a spec reads and of what its commands
// print.
const maxRead = 128 << 20

// A contentCache keeps what was read from files and commands, so that nothing is
// read or run twice.
type contentCache struct {
	contents map[string][]byte
	size     int // bytes that were read so far
}

func newContentCache() *contentCache {
	return &contentCache{contents: map[string][]byte{}}
}

// once returns what read returned for the id before, or calls read.
func (c *contentCache) once(id string, read func() ([]byte, error)) ([]byte, error) {
	if text, ok := c.contents[id]; ok {
		return text, nil
	}
	text, err := read()
	if c.size += len(text); err == nil && c.size > maxRead {
		err = fmt.Errorf("what the spec reads is larger than %d MiB together", maxRead>>20)
	}
	if err != nil {
		return nil, err
	}
	c.contents[id] = text
	return text, nil
}
