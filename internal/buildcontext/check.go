package buildcontext

import (
	"crypto/sha256"
	"hash"
	"hash/crc32"
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// A quickSum is a CRC-32C of a file. Together with the stamp it detects that a file
// changed between hashing and sending, at a tenth of the cost of a digest.
type quickSum struct {
	sum   uint32
	known bool // not if the digest was read from a cache
}

// A contentCheck compares the bytes that are sent of a file with its quickSum, or else
// with its digest.
type contentCheck struct {
	file *File
	sum  uint32
	sha  hash.Hash // nil if the quickSum is known
}

func newContentCheck(f *File) contentCheck {
	if f.quick.known {
		return contentCheck{file: f}
	}
	return contentCheck{file: f, sha: sha256.New()}
}

// add adds the next bytes.
func (c *contentCheck) add(b []byte) {
	if c.sha != nil {
		c.sha.Write(b)
	} else {
		c.sum = crc32.Update(c.sum, castagnoli, b)
	}
}

// ok reports whether all bytes are those of the file.
func (c *contentCheck) ok() bool {
	if c.sha != nil {
		return [32]byte(c.sha.Sum(nil)) == c.file.Digest
	}
	return c.sum == c.file.quick.sum
}
