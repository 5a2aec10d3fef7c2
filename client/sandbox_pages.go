package client

import (
	"context"
	"errors"
	"maps"
	"net/http"
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

// SandboxesConsistent lists the sandboxes that match from the server's database, oldest
// first, each once. It is never out of date, and has all fields that Sandbox returns,
// except the image. CreatedAfter is not supported.
//
// Servers from 0.220 on have no such list; the error is NotFound or NotSupported. Its
// pages are numbered, and those after the first are read at the same time. A deletion
// meanwhile shifts the rest, and a sandbox would be missed. Therefore the list is read
// again until its total matches the number of sandboxes that were read. After a few
// times the error is ErrListChanged.
func (c *Client) SandboxesConsistent(ctx context.Context, filter SandboxFilter) ([]Sandbox, error) {
	query, err := filter.query()
	if err != nil {
		return nil, err
	}
	for range maxListReads {
		list, err := c.sandboxesByPage(ctx, query)
		if !errors.Is(err, ErrListChanged) {
			return list, err
		}
	}
	return nil, ErrListChanged
}

// sandboxesByPage reads a list by number once. The error is ErrListChanged if it
// changed meanwhile.
func (c *Client) sandboxesByPage(ctx context.Context, query url.Values) ([]Sandbox, error) {
	first, err := c.sandboxPage(ctx, query, 1)
	switch {
	case err != nil:
		return nil, err
	case first.TotalPages > maxPages:
		return nil, errTooManyPages
	}
	pages := make([]page[Sandbox], max(first.TotalPages, 1))
	pages[0] = first
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(listParallelism)
	for i := 1; i < len(pages); i++ {
		g.Go(func() (err error) {
			pages[i], err = c.sandboxPage(ctx, query, i+1)
			if err == nil && pages[i].Total != first.Total {
				err = ErrListChanged // the other pages are not needed
			}
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var items [][]Sandbox
	for _, p := range pages {
		items = append(items, p.Items)
	}
	list := unique(items...)
	if len(list) != first.Total {
		return nil, ErrListChanged
	}
	return list, nil
}

// sandboxPage reads one page of a list by number.
func (c *Client) sandboxPage(ctx context.Context, query url.Values, number int) (page[Sandbox], error) {
	query = maps.Clone(query)
	query.Set("page", strconv.Itoa(number))
	p, err := send[page[Sandbox]](ctx, c, request{method: http.MethodGet, path: []string{"sandbox", "paginated"}, query: query})
	for _, s := range p.Items {
		c.proxyCache.addSandbox(s)
	}
	return p, err
}
