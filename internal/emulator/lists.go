package emulator

import (
	"cmp"
	"slices"
	"strings"

	"fleet/internal/emulator/request"
	"fleet/internal/emulator/world"
)

// listSandboxes is the cursor list, which may lag and shows stored states.
func (c *call) listSandboxes() (reply, error) {
	q := &request.Query{Values: c.query}
	limit := q.IntParam("limit", request.MaxPage, request.DefaultPage)
	sort := q.EnumParam("sort", "lastActivityAt", "name", "cpu", "memoryGib", "diskGib", "createdAt")
	descending := q.EnumParam("order", "desc", "asc") == "desc"
	filters, err := q.Filters(false)
	if err != nil {
		return reply{}, err
	}
	after, err := request.ParseCursor(q.First("cursor"))
	if err != nil {
		return reply{}, err
	}
	set := c.Sandboxes
	if c.Lag != nil {
		set = c.Lag.SnapshotAt(c.Now)
	}
	var found []*world.Sandbox
	if sort == "createdAt" {
		found = request.PageByCreation(set.WithPrefix(q.First("id")), after, descending, filters, limit+1)
	} else {
		found = request.PageBySort(set.Order, sort, after, descending, filters)
	}
	var next any
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = request.Cursor{SortValue: request.SortKeys[sort](last), ID: last.ID}.String()
	}
	body, err := listBody(found, "cursor "+c.origin, c.srv.views().Listed, map[string]any{"nextCursor": next})
	return reply{status: success, body: body}, err
}

// listSandboxesByPage is the deprecated list, which never lags and shows effective
// states.
func (c *call) listSandboxesByPage() (reply, error) {
	q := &request.Query{Values: c.query}
	number := q.IntParam("page", 1<<30, 1)
	limit := q.IntParam("limit", request.MaxPage, request.DefaultPage)
	sort := q.EnumParam("sort", "createdAt", "id", "name", "state", "snapshot", "region", "updatedAt", "lastActivityAt")
	descending := q.EnumParam("order", "desc", "asc") == "desc"
	filters, err := q.Filters(true)
	if err != nil {
		return reply{}, err
	}
	all := c.sortedSandboxes(func() []*world.Sandbox {
		return request.Sort(c.Sandboxes.Order, sort, descending, filters)
	})
	found, rest := request.PageOf(all, number, limit)
	view := func(sb *world.Sandbox) map[string]any {
		m := c.srv.views().Sandbox(sb)
		delete(m, "buildInfo")
		return m
	}
	body, err := listBody(found, "page "+c.origin, view, rest)
	return reply{status: success, body: body}, err
}

// listSnapshots lists general snapshots of other organisations last.
func (c *call) listSnapshots() (reply, error) {
	q := &request.Query{Values: c.query}
	number := q.IntParam("page", 1<<30, 1)
	limit := q.IntParam("limit", request.MaxPage, request.DefaultPage)
	sort := q.EnumParam("sort", "lastUsedAt", "name", "state", "createdAt")
	descending := q.EnumParam("order", "desc", "asc") == "desc"
	if err := q.Err(); err != nil {
		return reply{}, err
	}
	part := strings.ToLower(q.First("name"))
	var all []*world.Snapshot
	for _, s := range c.Snapshots {
		if strings.Contains(strings.ToLower(s.Name), part) {
			all = append(all, s)
		}
	}
	slices.SortFunc(all, func(a, b *world.Snapshot) int {
		return cmp.Or(world.CompareBool(a.General, b.General), compareSnapshots(a, b, sort, descending),
			b.CreatedAt.Compare(a.CreatedAt.Time), strings.Compare(a.ID, b.ID))
	})
	found, body := request.PageOf(all, number, limit)
	items := make([]map[string]any, 0, len(found))
	for _, s := range found {
		items = append(items, c.srv.views().Snapshot(s))
	}
	body["items"] = items
	return reply{status: success, body: body}, nil
}

// compareSnapshots compares two snapshots by a sort key.
func compareSnapshots(a, b *world.Snapshot, sort string, descending bool) int {
	var d int
	switch sort {
	case "name":
		d = strings.Compare(a.Name, b.Name)
	case "state":
		d = strings.Compare(a.State, b.State)
	case "createdAt":
		d = a.CreatedAt.Compare(b.CreatedAt.Time)
	default:
		if a.LastUsedAt == nil || b.LastUsedAt == nil {
			// Unused snapshots come last in both directions.
			return world.CompareBool(a.LastUsedAt == nil, b.LastUsedAt == nil)
		}
		d = a.LastUsedAt.Compare(b.LastUsedAt.Time)
	}
	if descending {
		return -d
	}
	return d
}
