package client

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

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

// Sharding determines which lists of sandboxes are read in shards, side by side.
type Sharding int

// The ways to read lists.
const (
	ShardLong Sharding = iota // in shards if that takes hardly more requests
	ShardNone                 // page after page
	ShardAll                  // in shards, for tests
)

// errUnsharded is the reason why shards cannot stand for a list.
var errUnsharded = errors.New("the list cannot be read in shards")

// ListSandboxes returns the results of convert for the sandboxes that
// [Client.Sandboxes] lists, in no particular order. It reads a long list in shards.
//
// convert is called by one goroutine at a time, as responses arrive, and may be called
// for a sandbox whose result is not used. It must not keep [Sandbox.Fields]. Its first
// error ends the list.
func ListSandboxes[T any](ctx context.Context, c *Client, filter SandboxFilter, convert func(Sandbox) (T, error)) ([]T, error) {
	convert = oneAtATime(convert)
	if !c.unsharded.Load() && filter.IDPrefix == "" {
		l := shardedList[T]{c: c, filter: filter, convert: convert}
		list, err := l.read(ctx)
		if !errors.Is(err, errUnsharded) {
			return list, err
		}
		c.markUnsharded()
		c.config.Log.InfoContext(ctx, "reading the list of sandboxes page after page", "reason", err.Error())
	}
	items, err := collect(listedFrom(ctx, c, filter, "", convert))
	return results(items), err
}

// oneAtATime returns convert for the use by several goroutines.
func oneAtATime[T any](convert func(Sandbox) (T, error)) func(Sandbox) (T, error) {
	var mu sync.Mutex
	return func(s Sandbox) (T, error) {
		mu.Lock()
		defer mu.Unlock()
		return convert(s)
	}
}

// markUnsharded makes the client read lists page after page from now on.
func (c *Client) markUnsharded() {
	if c.unsharded.CompareAndSwap(false, true) && c.config.OnUnsharded != nil {
		c.config.OnUnsharded()
	}
}

// A shardedList is one reading of a list that may be long.
type shardedList[T any] struct {
	c       *Client
	filter  SandboxFilter
	convert func(Sandbox) (T, error)
	begin   []listed[T] // the first pages of the unfiltered list
	cursor  string      // of the page after them; "" if there is none
	shards  [len(shardDigits)]shard[T]
	sampled bool // the first pages of the first shard were read
}

// A shard is the part of a list whose ids begin with one digit, as far as it was read.
type shard[T any] struct {
	items  []listed[T]
	cursor string // of the next page; "" before the first page and after the last one
}

// read returns the list. It fails with errUnsharded if the shards are not the list.
func (l *shardedList[T]) read(ctx context.Context) ([]T, error) {
	always := l.c.config.Sharding == ShardAll
	if err := l.readPage(ctx); err != nil || l.cursor == "" && !always {
		return results(l.begin), err
	}
	if always {
		return l.readShards(ctx)
	}
	g, both := errgroup.WithContext(ctx)
	g.Go(func() error { return l.readPage(both) })
	g.Go(func() error { return l.sampleShard(both) })
	switch err := g.Wait(); {
	case err != nil:
		return nil, err
	case l.cursor == "":
		return results(unique(l.begin)), nil
	case !l.worthwhile():
		rest, err := collect(listedFrom(ctx, l.c, l.filter, l.cursor, l.convert))
		return results(unique(l.begin, rest)), err
	}
	return l.readShards(ctx)
}

// readPage reads the next page of the unfiltered list.
func (l *shardedList[T]) readPage(ctx context.Context) error {
	p, err := listedAt(ctx, l.c, l.filter, l.cursor, l.convert)
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
func (l *shardedList[T]) shardFilter(digit int) SandboxFilter {
	filter := l.filter
	filter.IDPrefix = shardDigits[digit : digit+1]
	return filter
}

// sampleShard reads the first pages of the first shard.
func (l *shardedList[T]) sampleShard(ctx context.Context) error {
	l.sampled = true
	for n := 0; n < sampledPages && (n == 0 || l.shards[0].cursor != ""); n++ {
		p, err := listedAt(ctx, l.c, l.shardFilter(0), l.shards[0].cursor, l.convert)
		if err != nil {
			return err
		}
		for _, item := range p.Items {
			if err := l.add(0, item); err != nil {
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
func (l *shardedList[T]) readShard(ctx context.Context, digit int) error {
	for item, err := range listedFrom(ctx, l.c, l.shardFilter(digit), l.shards[digit].cursor, l.convert) {
		if err == nil {
			err = l.add(digit, item)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// add adds a listed sandbox to a shard. It fails if the sandbox does not belong there.
func (l *shardedList[T]) add(digit int, item listed[T]) error {
	switch {
	case !uuidPattern.MatchString(item.id):
		return fmt.Errorf("%w: the id %q is not a UUID", errUnsharded, item.id)
	case !strings.HasPrefix(strings.ToLower(item.id), shardDigits[digit:digit+1]):
		return fmt.Errorf("%w: the server does not filter by the beginning of ids", errUnsharded)
	}
	l.shards[digit].items = append(l.shards[digit].items, item)
	return nil
}

// worthwhile reports whether the shards cost little more requests than the pages of the
// list, judging by the first shard.
func (l *shardedList[T]) worthwhile() bool {
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
func (l *shardedList[T]) readShards(ctx context.Context) ([]T, error) {
	g, shards := errgroup.WithContext(ctx)
	g.SetLimit(listParallelism)
	for digit := range l.shards {
		if digit == 0 && l.sampled && l.shards[0].cursor == "" {
			continue
		}
		g.Go(func() error { return l.readShard(shards, digit) })
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	var items [][]listed[T]
	for _, s := range l.shards {
		items = append(items, s.items)
	}
	list := unique(items...)
	return results(list), l.checkLost(ctx, list)
}

// checkLost fails if the shards lack a sandbox that the beginning of the list has,
// unless it no longer exists.
func (l *shardedList[T]) checkLost(ctx context.Context, list []listed[T]) error {
	lost := map[string]bool{}
	for _, item := range l.begin {
		lost[item.id] = true
	}
	for _, item := range list {
		delete(lost, item.id)
	}
	if len(lost) > maxLostReads {
		return fmt.Errorf("%w: the shards lack %d sandboxes", errUnsharded, len(lost))
	}
	for _, id := range slices.Sorted(maps.Keys(lost)) {
		switch now, err := l.c.Sandbox(ctx, id); {
		case err == nil && !now.Deleted():
			return fmt.Errorf("%w: the shards lack the sandbox %s", errUnsharded, id)
		case IgnoreNotFound(err) != nil:
			return err
		}
	}
	return nil
}
