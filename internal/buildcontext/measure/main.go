// Command measure compares the time that a build context of 50,000 files and 1 GB takes
// with the time of tar and find for the same files. It prints the medians of five runs
// and their ratios, and the largest memory of the process that hashes and packs.
//
//	go run ./internal/buildcontext/measure
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"fleet/internal/buildcontext"
)

func main() {
	dir := flag.String("dir", "", "hash and pack this `directory` once, instead of comparing")
	cache := flag.String("cache", "", "`directory` of the cache")
	pack := flag.Bool("pack", false, "read the archive")
	flag.Parse()
	var err error
	if *dir != "" {
		err = once(*dir, *cache, *pack)
	} else {
		err = compare()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "measure:", err)
		os.Exit(1)
	}
}

// once hashes a directory, reads its archive if pack is set, and prints the memory that
// the process needed.
func once(dir, cache string, pack bool) error {
	hasher := buildcontext.NewHasher(buildcontext.Options{Cache: buildcontext.OpenCache(cache)})
	m, err := hasher.Hash(context.Background(), buildcontext.Source{Root: dir})
	if err != nil {
		return err
	}
	if pack {
		stream, err := m.Open()
		if err != nil {
			return err
		}
		// In large pieces, as an upload reads it. io.Discard alone would read 8 KiB at a time.
		n, err := io.CopyBuffer(struct{ io.Writer }{io.Discard}, stream, make([]byte, 256<<10))
		if err = errors.Join(err, stream.Close()); err != nil {
			return err
		}
		if n != m.TarSize() {
			return fmt.Errorf("the archive has %d bytes, not %d", n, m.TarSize())
		}
	}
	return printMemory()
}
