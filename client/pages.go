package client

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"strconv"

	"fleet/internal/jsonobject"
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
	Items      []T
	NextCursor string // "" on the last page
	TotalPages int
	Total      int // items of all pages

	// take receives the items in place of Items, if it is set. It must not keep the
	// fields of an item. After its first error, takeErr, it is not called again.
	take    func(T) error
	takeErr error
}

// decode reads a page, with at most maxItems items. The items refer to body.
func (p *page[T]) decode(body []byte) error {
	if err := p.read(body); err != nil {
		*p = page[T]{take: p.take}
		return err
	}
	return nil
}

func (p *page[T]) read(body []byte) error {
	r := jsonobject.NewReader(body)
	for name, err := range r.Members() {
		if err != nil {
			return err
		}
		if name == "items" {
			err = p.readItems(r)
		} else {
			err = p.readMember(name, r)
		}
		if err != nil {
			return err
		}
	}
	return r.End()
}

// readItems reads the items. Those of a kind that has fields are not decoded any
// further.
func (p *page[T]) readItems(r *jsonobject.Reader) error {
	var object jsonobject.Object // the same for all items that are taken
	read := 0
	return r.Items(func() error {
		if read++; read > maxItems {
			return errTooManyPageItems
		}
		if p.take == nil {
			object = jsonobject.Object{}
		}
		var item T
		if f, ok := any(&item).(interface{ readFields(jsonobject.Object) }); ok {
			if err := r.ReadObject(&object); err != nil {
				return err
			}
			f.readFields(object)
		} else if raw, err := r.Value(); err != nil {
			return err
		} else if err := json.Unmarshal(raw, &item); err != nil {
			return err
		}
		p.addItem(item)
		return nil
	})
}

// addItem adds an item that was read.
func (p *page[T]) addItem(item T) {
	switch {
	case p.take == nil:
		if p.Items == nil {
			p.Items = make([]T, 0, maxPageItems)
		}
		p.Items = append(p.Items, item)
	case p.takeErr == nil:
		p.takeErr = p.take(item)
	}
}

// readMember reads a member of a page other than its items.
func (p *page[T]) readMember(name string, r *jsonobject.Reader) error {
	raw, err := r.Value()
	if err != nil {
		return err
	}
	var out any
	switch name {
	case "nextCursor":
		out = &p.NextCursor
	case "totalPages":
		out = &p.TotalPages
	case "total":
		out = &p.Total
	default:
		return nil
	}
	return json.Unmarshal(raw, out)
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
