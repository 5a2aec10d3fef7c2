package client

import (
	"context"
	"iter"
	"net/http"
	"net/url"
)

// listed is the result of the conversion of one sandbox of a list.
type listed[T any] struct {
	id   string // of the sandbox
	item T
}

func (l listed[T]) key() string { return l.id }

// listedFrom iterates over a list by cursor from the page with the cursor on; "" is the
// first page.
func listedFrom[T any](ctx context.Context, c *Client, filter SandboxFilter, cursor string, convert func(Sandbox) (T, error)) iter.Seq2[listed[T], error] {
	return pages(cursor, listed[T].key, func(cursor string) (page[listed[T]], error) {
		return listedAt(ctx, c, filter, cursor, convert)
	})
}

// listedAt reads one page of a list by cursor.
func listedAt[T any](ctx context.Context, c *Client, filter SandboxFilter, cursor string, convert func(Sandbox) (T, error)) (page[listed[T]], error) {
	query, err := filter.query()
	if err != nil {
		return page[listed[T]]{}, err
	}
	if cursor != "" {
		query.Set("cursor", cursor)
	}
	return listedPage(ctx, c, []string{"sandbox"}, query, convert)
}

// listedPage reads a page of sandboxes, and converts each as soon as it is read.
func listedPage[T any](ctx context.Context, c *Client, path []string, query url.Values, convert func(Sandbox) (T, error)) (page[listed[T]], error) {
	items := make([]listed[T], 0, maxPageItems)
	p := page[Sandbox]{take: func(s Sandbox) error {
		c.proxyCache.addSandbox(s)
		item, err := convert(s)
		items = append(items, listed[T]{s.ID, item})
		return err
	}}
	if err := c.do(ctx, request{method: http.MethodGet, path: path, query: query}, &p); err != nil {
		return page[listed[T]]{}, err
	}
	return page[listed[T]]{Items: items, NextCursor: p.NextCursor, TotalPages: p.TotalPages, Total: p.Total}, p.takeErr
}

// collect returns the items of a list.
func collect[T any](list iter.Seq2[T, error]) ([]T, error) {
	var all []T
	for item, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, item)
	}
	return all, nil
}

// unique joins lists, with each sandbox once.
func unique[T any](lists ...[]listed[T]) []listed[T] {
	length := 0
	for _, list := range lists {
		length += len(list)
	}
	all, seen := make([]listed[T], 0, length), make(map[string]bool, length)
	for _, list := range lists {
		for _, l := range list {
			if !seen[l.id] {
				all = append(all, l)
			}
			seen[l.id] = true
		}
	}
	return all
}

// results returns the results of the conversions.
func results[T any](list []listed[T]) []T {
	if list == nil {
		return nil
	}
	items := make([]T, len(list))
	for i, l := range list {
		items[i] = l.item
	}
	return items
}
