package emulator

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// sortKeys are the values sandboxes can be sorted by. A time compares as text,
// since all are written in one width.
var sortKeys = map[string]func(*world.Sandbox) any{
	"name":           func(sb *world.Sandbox) any { return sb.Name },
	"cpu":            func(sb *world.Sandbox) any { return float64(sb.CPU) },
	"memoryGib":      func(sb *world.Sandbox) any { return float64(sb.Memory) },
	"diskGib":        func(sb *world.Sandbox) any { return float64(sb.Disk) },
	"lastActivityAt": func(sb *world.Sandbox) any { return sb.LastActivityAt.String() },
	"createdAt":      func(sb *world.Sandbox) any { return sb.CreatedAt.String() },
	"id":             func(sb *world.Sandbox) any { return sb.ID },
	"state":          func(sb *world.Sandbox) any { return sb.State },
	"snapshot":       func(sb *world.Sandbox) any { return world.ValueOr(sb.Snapshot, "") },
	"region":         func(sb *world.Sandbox) any { return sb.Target },
	"updatedAt":      func(sb *world.Sandbox) any { return sb.UpdatedAt.String() },
}

// cursor says after which sandbox the next page begins. It is not bound to the
// sort it came from.
type cursor struct {
	SortValue any    `json:"sortValue"`
	ID        string `json:"id"`
}

func (c cursor) String() string {
	b, _ := json.Marshal(c)
	return base64.StdEncoding.EncodeToString(b)
}

func parseCursor(text string) (*cursor, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	var c cursor
	if err != nil || json.Unmarshal(raw, &c) != nil || c.ID == "" || c.SortValue == nil {
		return nil, world.BadRequest("Invalid cursor provided: %s", text)
	}
	return &c, nil
}

// listSandboxes is the cursor list, which may lag behind and shows stored states.
func (c *call) listSandboxes() (reply, error) {
	q := &query{values: c.query}
	limit := q.intParam("limit", maxPage, defaultPage)
	sort := q.enumParam("sort", "lastActivityAt", "name", "cpu", "memoryGib", "diskGib", "createdAt")
	descending := q.enumParam("order", "desc", "asc") == "desc"
	filters, err := q.filters(false)
	if err != nil {
		return reply{}, err
	}
	after, err := parseCursor(q.first("cursor"))
	if err != nil {
		return reply{}, err
	}
	set := c.Sandboxes
	if c.Lag != nil {
		set = c.Lag.SnapshotAt(c.Now)
	}
	var found []*world.Sandbox
	if sort == "createdAt" {
		found = walk(set.Order, after, descending, filters, limit+1)
	} else {
		found = pick(set.Order, sort, after, descending, filters)
	}
	var next any
	if len(found) > limit {
		found = found[:limit]
		last := found[limit-1]
		next = cursor{SortValue: sortKeys[sort](last), ID: last.ID}.String()
	}
	items := make([]map[string]any, 0, len(found))
	for _, sb := range found {
		items = append(items, c.srv.viewListed(sb))
	}
	return reply{status: success, body: map[string]any{"items": items, "nextCursor": next}}, nil
}

// walk takes up to n sandboxes in the order of creation, from the cursor on.
func walk(order []*world.Sandbox, after *cursor, descending bool, filters []filter, n int) []*world.Sandbox {
	i, by := 0, 1
	if descending {
		i, by = len(order)-1, -1
	}
	if after != nil {
		i = seek(order, after, descending)
	}
	var found []*world.Sandbox
	for ; i >= 0 && i < len(order) && len(found) < n; i += by {
		if matchesAll(order[i], filters) {
			found = append(found, order[i])
		}
	}
	return found
}

// seek returns where the walk goes on after the cursor.
func seek(order []*world.Sandbox, after *cursor, descending bool) int {
	text, _ := after.SortValue.(string)
	t, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return -1
	}
	at, found := slices.BinarySearchFunc(order, &world.Sandbox{ID: after.ID, CreatedAt: world.InstantOf(t)}, world.ByCreation)
	switch {
	case descending:
		return at - 1
	case found:
		return at + 1
	}
	return at
}

// pick sorts what passes and cuts off what comes before the cursor.
func pick(order []*world.Sandbox, sort string, after *cursor, descending bool, filters []filter) []*world.Sandbox {
	found := ordered(order, sort, descending, filters)
	if after == nil {
		return found
	}
	key := sortKeys[sort]
	from := slices.IndexFunc(found, func(sb *world.Sandbox) bool {
		d := cmp.Or(compareAny(key(sb), after.SortValue), strings.Compare(sb.ID, after.ID))
		return d != 0 && d < 0 == descending
	})
	if from < 0 {
		return nil
	}
	return found[from:]
}

func ordered(order []*world.Sandbox, sort string, descending bool, filters []filter) []*world.Sandbox {
	key := sortKeys[sort]
	type keyed struct {
		key any
		sb  *world.Sandbox
	}
	var all []keyed
	for _, sb := range order {
		if matchesAll(sb, filters) {
			all = append(all, keyed{key(sb), sb})
		}
	}
	slices.SortFunc(all, func(a, b keyed) int {
		d := cmp.Or(compareAny(a.key, b.key), strings.Compare(a.sb.ID, b.sb.ID))
		if descending {
			return -d
		}
		return d
	})
	found := make([]*world.Sandbox, len(all))
	for i, k := range all {
		found[i] = k.sb
	}
	return found
}

// compareAny orders texts and numbers; a text comes after any number.
func compareAny(a, b any) int {
	as, aText := a.(string)
	bs, bText := b.(string)
	if aText || bText {
		return cmp.Or(world.CompareBool(aText, bText), strings.Compare(as, bs))
	}
	af, _ := a.(float64)
	bf, _ := b.(float64)
	return cmp.Compare(af, bf)
}

// listSandboxesByPage is the deprecated list: never lagging, with mapped states.
func (c *call) listSandboxesByPage() (reply, error) {
	q := &query{values: c.query}
	number := q.intParam("page", 1<<30, 1)
	limit := q.intParam("limit", maxPage, defaultPage)
	sort := q.enumParam("sort", "createdAt", "id", "name", "state", "snapshot", "region", "updatedAt", "lastActivityAt")
	descending := q.enumParam("order", "desc", "asc") == "desc"
	filters, err := q.filters(true)
	if err != nil {
		return reply{}, err
	}
	found, body := pageOf(ordered(c.Sandboxes.Order, sort, descending, filters), number, limit)
	items := make([]map[string]any, 0, len(found))
	for _, sb := range found {
		m := c.srv.viewSandbox(sb)
		delete(m, "buildInfo")
		items = append(items, m)
	}
	body["items"] = items
	return reply{status: success, body: body}, nil
}

// pageOf cuts out a page and counts; a page beyond the end is empty.
func pageOf[T any](all []T, number, limit int) ([]T, map[string]any) {
	total := len(all)
	from := min((number-1)*limit, total)
	to := min(from+limit, total)
	return all[from:to], map[string]any{"total": total, "page": number, "totalPages": (total + limit - 1) / limit}
}

// listSnapshots shows the general snapshots of others last.
func (c *call) listSnapshots() (reply, error) {
	q := &query{values: c.query}
	number := q.intParam("page", 1<<30, 1)
	limit := q.intParam("limit", maxPage, defaultPage)
	sort := q.enumParam("sort", "lastUsedAt", "name", "state", "createdAt")
	descending := q.enumParam("order", "desc", "asc") == "desc"
	if err := q.err(); err != nil {
		return reply{}, err
	}
	part := strings.ToLower(q.first("name"))
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
	found, body := pageOf(all, number, limit)
	items := make([]map[string]any, 0, len(found))
	for _, s := range found {
		items = append(items, c.srv.viewSnapshot(s))
	}
	body["items"] = items
	return reply{status: success, body: body}, nil
}

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
			// Never used comes last in both directions.
			return world.CompareBool(a.LastUsedAt == nil, b.LastUsedAt == nil)
		}
		d = a.LastUsedAt.Compare(b.LastUsedAt.Time)
	}
	if descending {
		return -d
	}
	return d
}
