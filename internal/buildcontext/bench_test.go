package buildcontext

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// benchmarkTree returns a directory of 2,000 files and 40 MB.
func benchmarkTree(b *testing.B) string {
	files := map[string]string{}
	for i := range 2000 {
		files[fmt.Sprintf("d%d/e%d/f%d", i%10, i%100, i)] = strings.Repeat(fmt.Sprint(i, " "), 20_000/len(fmt.Sprint(i, " ")))
	}
	return tree(b, files)
}

func BenchmarkHash(b *testing.B) {
	s := Source{Root: benchmarkTree(b)}
	b.ReportAllocs()
	for b.Loop() {
		b.SetBytes(manifestOf(b, s).Bytes)
	}
}

func BenchmarkHashWithCache(b *testing.B) {
	s, cache := Source{Root: benchmarkTree(b)}, OpenCache(b.TempDir())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := later(cache).Hash(b.Context(), s); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStream(b *testing.B) {
	m := manifestOf(b, Source{Root: benchmarkTree(b)})
	b.SetBytes(m.TarSize())
	b.ReportAllocs()
	for b.Loop() {
		stream, err := m.Open()
		check(b, err)
		if _, err := io.Copy(io.Discard, stream); err != nil {
			b.Fatal(err)
		}
		stream.Close()
	}
}
