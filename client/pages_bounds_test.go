package client

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestPagesAtTheirBounds checks lists with exactly as many pages as allowed and with
// one more, and the longest cursors.
func TestPagesAtTheirBounds(t *testing.T) {
	for _, c := range []struct {
		name   string
		pages  int
		cursor func(n int) string // to page n
		read   int
		want   error
	}{
		{"as many pages", 2500, func(n int) string { return fmt.Sprint(n) }, 2500, nil},
		{"one more", 2501, func(n int) string { return fmt.Sprint(n) }, 2500, errTooManyPages},
		{"as long a cursor", 2, func(int) string { return strings.Repeat("x", 4096) }, 2, nil},
		{"a longer one", 2, func(int) string { return strings.Repeat("x", 4097) }, 1, errCursorTooLong},
	} {
		asked, read := 0, 0
		var last error
		for _, err := range pages("", func(id int) string { return fmt.Sprint(id) }, func(string) (page[int], error) {
			asked++
			p := page[int]{Items: []int{0, asked}} // each page has item 0
			if asked < c.pages {
				p.NextCursor = c.cursor(asked + 1)
			}
			return p, nil
		}) {
			if last = err; err == nil {
				read++
			}
		}
		if asked != c.read || read != c.read+1 || !errors.Is(last, c.want) {
			t.Errorf("%s: %d requests, %d items, error %v", c.name, asked, read, last)
		}
	}
}
