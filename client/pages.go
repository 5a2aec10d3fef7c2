package client

import (
	"errors"
	"iter"
)

// pageSize is the most the server allows.
const pageSize = "200"

// page is a part of a list. Lists by cursor tell the next part, numbered ones
// how many there are.
type page[T any] struct {
	Items      []T    `json:"items"`
	NextCursor string `json:"nextCursor"` // "" on the last
	TotalPages int    `json:"totalPages"`
	Total      int    `json:"total"`
}

var errNoEnd = errors.New("a list has no end: the server gave the same cursor twice")

// pages walks a list from the part called first to its end and yields every
// item once: what moves while the list is read can come twice. It ends after
// the first error.
func pages[T any](first string, key func(T) string, fetch func(cursor string) (page[T], error)) iter.Seq2[T, error] {
	return func(yield func(T, error) bool) {
		seen := map[string]bool{}
		for cursor, more := first, true; more; {
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
			if p.NextCursor == cursor && cursor != "" {
				yield(*new(T), errNoEnd)
				return
			}
			cursor, more = p.NextCursor, p.NextCursor != ""
		}
	}
}
