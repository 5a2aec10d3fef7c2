package specfile

import "fmt"

// MaxRead bounds the bytes of all files that a spec reads and of what its commands
// print.
const MaxRead = 128 << 20

// A contentCache keeps what was read from files and commands, so that nothing is
// read or run twice.
type Cache struct {
	contents map[string][]byte
	size     int // bytes that were read so far
}

func NewCache() *Cache {
	return &Cache{contents: map[string][]byte{}}
}

// Once returns what read returned for the id before, or calls read.
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
