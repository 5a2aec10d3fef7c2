package emulator

import (
	"bytes"
	"encoding/json"

	"fleet/internal/emulator/world"
)

// listBody returns the body of a list of sandboxes: items, and other fields whose names
// follow in the alphabet.
func listBody(list []*world.Sandbox, form string, view func(*world.Sandbox) map[string]any, rest map[string]any) (json.RawMessage, error) {
	var b bytes.Buffer
	b.WriteString(`{"items":[`)
	for i, sb := range list {
		text, err := sb.Render(form, view)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(text)
	}
	tail, err := world.EncodeJSON(rest)
	if err != nil {
		return nil, err
	}
	b.WriteString("],")
	b.Write(tail[1:]) // without the brace
	return b.Bytes(), nil
}

// A sortedList is the result of a query that asks for numbered pages, for as long as
// nothing changes.
type sortedList struct {
	query   string // without the number of the page
	world   *world.World
	version uint64
	found   []*world.Sandbox
}

// sortedSandboxes returns what sort returns, which depends on the query alone.
func (c *call) sortedSandboxes(sort func() []*world.Sandbox) []*world.Sandbox {
	query := map[string][]string{}
	for key, values := range c.query {
		if key != "page" && key != "limit" {
			query[key] = values
		}
	}
	text, err := json.Marshal(query)
	last := &c.srv.sorted
	if err != nil || last.query != string(text) || last.world != c.World || last.version != c.Version() {
		*last = sortedList{string(text), c.World, c.Version(), sort()}
	}
	return last.found
}
