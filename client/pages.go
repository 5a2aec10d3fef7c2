package client

import (
	"errors"
	"fmt"
	"iter"
	"strconv"
)

// maxPageItems is the largest page that the server allows.
const maxPageItems = 200

// pageSize is maxPageItems in a query.
var pageSize = strconv.Itoa(maxPageItems)

// Bounds of a list that comes in pages. A larger one is an error.
const (
	maxPages  = 2500 // half a million items
	maxCursor = 4096 // bytes
)

// page is a page of a list. A list by cursor has the cursor of the next page; a list
// by number has the number of pages.
type page[T any] struct {
	Items      items[T] `json:"items"`
	NextCursor string   `json:"nextCursor"` // "" on the last page
	TotalPages int      `json:"totalPages"`
	Total      int      `json:"total"` // items of all pages
}

var (
	errCursorLoop    = errors.New("the list has no end: the server returned the same cursor twice")
	errTooManyPages  = fmt.Errorf("the list has more than %d pages", maxPages)
	errCursorTooLong = fmt.Errorf("the server returned a cursor of more than %d bytes", maxCursor)
)

// pages iterates over a list from the page with the cursor first to its end. It yields
// each item once, by its key: an item that moves while the list is read can come twice.
// The iteration ends after the first error.
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
