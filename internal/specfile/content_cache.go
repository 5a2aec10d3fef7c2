package specfile

import "fmt"

// MaxRead bounds the size, in bytes, of all files and command output that a spec reads.
const MaxRead = 128 << 20

// A Cache keeps the content of files and the output of commands, so that none is read
// or run twice.
type Cache struct {
	contents map[string][]byte
	size     int // bytes that were read so far
}

// NewCache returns an empty cache.
func NewCache() *Cache {
	return &Cache{contents: map[string][]byte{}}
}

// Once returns the content that was read for an id before, or calls read.
func (c *Cache) Once(id string, read func() ([]byte, error)) ([]byte, error) {
	if text, ok := c.contents[id]; ok {
		return text, nil
	}
	text, err := read()
	if c.size += len(text); err == nil && c.size > MaxRead {
		err = fmt.Errorf("what the spec reads is larger than %d MiB together", MaxRead>>20)
	}
	if err != nil {
		return nil, err
	}
	c.contents[id] = text
	return text, nil
}
