package client

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
)

// A list by cursor can only be read page after page. The ids of sandboxes are random
// UUIDs, and the server filters by their beginning: the sixteen first digits split a
// list into sixteen even shards, which are read at the same time. Whether a server
// keeps to this is not documented for good, so each page is checked: what does not fit
// makes the client read the whole list page after page, as if there were no shards.

const (
	shardDigits  = "0123456789abcdef"
	maxShardCost = 1.35 // requests for the shards, as a multiple of those for the list
	sampledPages = 3    // of the first shard; if it has more, the shards are worth it
	maxLostReads = 10   // sandboxes that the shards lack and that are then read by id
)

var uuidPattern = regexp.MustCompile(`(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// errUnsharded is the reason why shards cannot stand for a list.
var errUnsharded = errors.New("the list cannot be read in shards")

// ListSandboxes returns the sandboxes that Sandboxes lists, in no particular order. It
// reads a long list in shards.
func (c *Client) ListSandboxes(ctx context.Context, filter SandboxFilter) ([]Sandbox, error) {
	if c.unsharded.Load() || filter.IDPrefix != "" {
		return collect(c.Sandboxes(ctx, filter))
	}
	l := shardedList{c: c, filter: filter}
	list, err := l.read(ctx)
	if errors.Is(err, errUnsharded) {
		c.unsharded.Store(true)
		c.config.Log.InfoContext(ctx, "reading the list of sandboxes page after page", "reason", err.Error())
		return collect(c.Sandboxes(ctx, filter))
	}
	return list, err
}

// collect returns the items of a list.
func collect(list func(func(Sandbox, error) bool)) ([]Sandbox, error) {
	var all []Sandbox
	for s, err := range list {
		if err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// A shardedList is one reading of a list that may be long.
type shardedList struct {
	c      *Client
	filter SandboxFilter
	begin  []Sandbox // the first pages of the unfiltered list
	cursor string    // of the page after them; "" if there is none
	shards [len(shardDigits)]shard
}

// A shard is the part of a list whose ids begin with one digit, as far as it was read.
type shard struct {
	items  []Sandbox
	cursor string // of the next page; "" before the first page and after the last one
}

// read returns the list. It fails with errUnsharded if the shards are not the list.
func (l *shardedList) read(ctx context.Context) ([]Sandbox, error) {
	if err := l.readPage(ctx); err != nil || l.cursor == "" {
		return l.begin, err
	}
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error { return l.readPage(both) })
	g.Go(func() error { return l.sampleShard(both) })
	switch err := g.Wait(); {
	case err != nil:
		return nil, err
	case l.cursor == "":
		return l.begin, nil
	case !l.worthwhile():
		rest, err := collect(l.c.sandboxesFrom(ctx, l.filter, l.cursor))
		return unique(l.begin, rest), err
	}
	return l.readShards(ctx)
}

// readPage reads the next page of the unfiltered list.
func (l *shardedList) readPage(ctx context.Context) error {
	p, err := l.c.sandboxesAt(ctx, l.filter, l.cursor)
	if err != nil {
		return err
	}
	if len(p.NextCursor) > maxCursor {
		return errCursorTooLong
	}
	l.begin, l.cursor = append(l.begin, p.Items...), p.NextCursor
	return nil
}

// shardFilter returns the filter of the shard with the digit.
func (l *shardedList) shardFilter(digit int) SandboxFilter {
	filter := l.filter
	filter.IDPrefix = shardDigits[digit : digit+1]
	return filter
}

// sampleShard reads the first pages of the first shard.
func (l *shardedList) sampleShard(ctx context.Context) error {
	for n := 0; n < sampledPages && (n == 0 || l.shards[0].cursor != ""); n++ {
		p, err := l.c.sandboxesAt(ctx, l.shardFilter(0), l.shards[0].cursor)
		if err != nil {
			return err
		}
		for _, s := range p.Items {
			if err := l.add(0, s); err != nil {
				return err
			}
		}
		if l.shards[0].cursor = p.NextCursor; len(p.NextCursor) > maxCursor {
			return errCursorTooLong
		}
	}
	return nil
}

// readShard reads a shard from its cursor on.
func (l *shardedList) readShard(ctx context.Context, digit int) error {
	for s, err := range l.c.sandboxesFrom(ctx, l.shardFilter(digit), l.shards[digit].cursor) {
		if err == nil {
			err = l.add(digit, s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds a listed sandbox to a shard. It fails if the sandbox does not belong there.
func (l *shardedList) add(digit int, s Sandbox) error {
	switch {
	case !uuidPattern.MatchString(s.ID):
		return fmt.Errorf("%w: the id %q is not a UUID", errUnsharded, s.ID)
	case !strings.HasPrefix(strings.ToLower(s.ID), shardDigits[digit:digit+1]):
		return fmt.Errorf("%w: the server does not filter by the beginning of ids", errUnsharded)
	}
	l.shards[digit].items = append(l.shards[digit].items, s)
	return nil
}

// worthwhile reports whether the shards cost little more requests than the pages of the
// list, judging by the first shard.
func (l *shardedList) worthwhile() bool {
	if l.shards[0].cursor != "" {
		return true
	}
	inShard := len(l.shards[0].items)
	shards := len(shardDigits) * pagesOf(inShard)
	return inShard > 0 && float64(shards+1) <= maxShardCost*float64(pagesOf(len(shardDigits)*inShard))
}

// pagesOf returns the number of pages of a list.
func pagesOf(items int) int { return (items + maxPageItems - 1) / maxPageItems }

// readShards reads all other shards, and checks that they have what the list has.
func (l *shardedList) readShards(ctx context.Context) ([]Sandbox, error) {
	g, shards := errgroup.WithContext(ctx)
	g.SetLimit(listParallelism)
	for digit := range l.shards {
		if digit == 0 && l.shards[0].cursor == "" {
			continue // it was read as the sample
		}
		g.Go(func() error { return l.readShard(shards, digit) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var items [][]Sandbox
	for _, s := range l.shards {
		items = append(items, s.items)
	}
	list := unique(items...)
	return list, l.checkLost(ctx, list)
}

// checkLost fails if the shards lack a sandbox that the beginning of the list has,
// unless it no longer exists.
func (l *shardedList) checkLost(ctx context.Context, list []Sandbox) error {
	found := map[string]bool{}
	for _, s := range list {
		found[s.ID] = true
	}
	lost := slices.DeleteFunc(slices.Clone(l.begin), func(s Sandbox) bool { return found[s.ID] })
	if len(lost) > maxLostReads {
		return fmt.Errorf("%w: the shards lack %d sandboxes", errUnsharded, len(lost))
	}
	for _, s := range lost {
		switch now, err := l.c.Sandbox(ctx, s.ID); {
		case err == nil && !now.Deleted():
			return fmt.Errorf("%w: the shards lack the sandbox %s", errUnsharded, s.ID)
		case IgnoreNotFound(err) != nil:
			return err
		}
	}
	return nil
}

// unique joins lists, with each sandbox once.
func unique(lists ...[]Sandbox) []Sandbox {
	var all []Sandbox
	seen := map[string]bool{}
	for _, list := range lists {
		for _, s := range list {
			if !seen[s.ID] {
				all = append(all, s)
			}
			seen[s.ID] = true
		}
	}
	return all
}
