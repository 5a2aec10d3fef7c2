package storage

import (
	"io"
	"slices"
	"testing"
	"testing/synctest"
)

// TestSizes uploads contexts of one part, of some parts, and at the edges.
func TestSizes(t *testing.T) {
	for size, want := range map[int][]string{
		1:            {"HEAD", "PUT"},
		testPart - 1: {"HEAD", "PUT"},
		testPart:     {"HEAD", "PUT"},
		testPart + 1: {"HEAD", "HEAD", "begin", "complete", "part 1", "part 2"},
		2 * testPart: {"HEAD", "HEAD", "begin", "complete", "part 1", "part 2"},
		6*testPart + 7: {
			"HEAD", "HEAD", "begin", "complete", "part 1", "part 2", "part 3", "part 4", "part 5", "part 6", "part 7",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(t)
			u := b.uploader()
			data := randomContent(size)
			c := contextOf("0a1b", data, int64(size))
			last := recordProgress(t, &c)
			opened, open := 0, c.Open
			c.Open = func() (io.ReadCloser, error) { opened++; return open() }
			for _, first := range []bool{true, false} {
				uploaded, err := u.Upload(t.Context(), c)
				if uploaded != first || err != nil {
					t.Fatalf("%d bytes: uploaded %t: %v", size, uploaded, err)
				}
			}
			b.expect(map[string][]byte{"0a1b": data})
			if asked := sorted(b.asked[:len(b.asked)-1]); !slices.Equal(asked, want) {
				t.Errorf("%d bytes: asked %v, want %v", size, asked, want)
			}
			if opened != 1 || *last != int64(size) || b.granted != 1 {
				t.Errorf("%d bytes: opened %d times, progress %d, %d accesses", size, opened, *last, b.granted)
			}
		})
	}
}
