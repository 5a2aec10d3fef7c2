package client

import (
	"context"
	"errors"
	"maps"
	"net/url"
	"strconv"

	"golang.org/x/sync/errgroup"
)

const (
	maxListReads    = 5  // how often a list by number is read if it changes meanwhile
	listParallelism = 16 // pages of a list that are read at the same time
)

// ErrListChanged is the error of a list by number that changed each time it was read.
var ErrListChanged = errors.New("the list of sandboxes changed while it was read")

// ListSandboxesConsistent returns the results of convert for the sandboxes that match,
// from the server's database, oldest first, each once. The list is never out of date,
// and has all fields that [Client.Sandbox] returns, except the image. CreatedAfter is
// not supported. convert is called as by [ListSandboxes].
//
// Servers from 0.220 on have no such list; the error is NotFound or NotSupported. Its
// pages are numbered, and those after the first are read at the same time. A deletion
// meanwhile shifts the rest, and a sandbox would be missed. Therefore the list is read
// again until its total matches the number of sandboxes that were read. After a few
// times the error is ErrListChanged.
func ListSandboxesConsistent[T any](ctx context.Context, c *Client, filter SandboxFilter, convert func(Sandbox) (T, error)) ([]T, error) {
	query, err := filter.query()
	if err != nil {
		return nil, err
	}
	convert = oneAtATime(convert)
	for range maxListReads {
		list, err := listedByNumber(ctx, c, query, convert)
		if !errors.Is(err, ErrListChanged) {
			return results(list), err
		}
	}
	return nil, ErrListChanged
}

// listedByNumber reads a list by number once. The error is ErrListChanged if it
// changed meanwhile.
func listedByNumber[T any](ctx context.Context, c *Client, query url.Values, convert func(Sandbox) (T, error)) ([]listed[T], error) {
	read := func(ctx context.Context, number int) (page[listed[T]], error) {
		query := maps.Clone(query)
		query.Set("page", strconv.Itoa(number))
		return listedPage(ctx, c, []string{"sandbox", "paginated"}, query, convert)
	}
	first, err := read(ctx, 1)
	switch {
	case err != nil:
		return nil, err
	case first.TotalPages > maxPages:
		return nil, errTooManyPages
	}
	items := make([][]listed[T], max(first.TotalPages, 1))
	items[0] = first.Items
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(listParallelism)
	for i := 1; i < len(items); i++ {
		g.Go(func() error {
			p, err := read(ctx, i+1)
			if err == nil && p.Total != first.Total {
				err = ErrListChanged // the other pages are not needed
			}
			items[i] = p.Items
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	list := unique(items...)
	if len(list) != first.Total {
		return nil, ErrListChanged
	}
	return list, nil
}
