package client

import (
	"errors"
	"fmt"
	"iter"
)

// pageSize is the most the server allows.
const pageSize = "200"

// Bounds of a list that comes in pages. One that goes beyond is an error.
const (
	maxPages  = 2500 // of one list: half a million items
	maxCursor = 4096 // bytes
)

// page is a part of a list. Lists by cursor tell the next part, numbered ones
// how many there are.
type page[T any] struct {
	Items      items[T] `json:"items"`
	NextCursor string   `json:"nextCursor"` // "" on the last
	TotalPages int      `json:"totalPages"`
	Total      int      `json:"total"`
}

var (
	errCursorLoop    = errors.New("the list has no end: the server gave the same cursor twice")
	errTooManyPages  = fmt.Errorf("the list has more than %d pages", maxPages)
	errCursorTooLong = fmt.Errorf("the server gave a cursor of more than %d bytes", maxCursor)
)

// pages walks a list from the part called first to its end and yields every
// item once: what moves while the list is read can come twice. It ends after
// the first error.
func pages[T any](first string, key func(T) string, fetch func(cursor string) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen, cursors := map[string]bool{}, map[string]bool{first: true}
		for cursor, more := first, true; more; {
			if len(cursors) > maxPages {
				yield(*new(T), errTooManyPages)
				return
			}
			p, err := fetch(cursor)
			if err != nil {
				yield(*new(T), err)
				return
			}
			for _, item := range p.Items {
				if seen[key(item)] {
					continue
				}
				seen[key(item)] = true
				if !yield(item, nil) {
					return
				}
			}
			cursor, more = p.NextCursor, p.NextCursor != ""
			switch {
			case len(cursor) > maxCursor:
				yield(*new(T), errCursorTooLong)
				return
			case more && cursors[cursor]:
				yield(*new(T), errCursorLoop)
				return
			}
			cursors[cursor] = true
		}
	}
}
