package request

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"fleet/internal/emulator/world"
)

// Cursor is the position after a sandbox, where the next page starts. It is not bound
// to the sort order in which it was created.
type Cursor struct {
	SortValue any    `json:"sortValue"` // the sandbox's value of the sort key
	ID        string `json:"id"`
}

// String returns the cursor as clients receive it.
func (c Cursor) String() string {
	b, _ := json.Marshal(c)
	return base64.StdEncoding.EncodeToString(b)
}

// ParseCursor returns nil for "".
func ParseCursor(text string) (*Cursor, error) {
	if text == "" {
		return nil, nil
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(text, "="))
	var c Cursor
	if err != nil || json.Unmarshal(raw, &c) != nil || c.ID == "" || c.SortValue == nil {
		return nil, world.BadRequest("Invalid cursor provided: %s", text)
	}
	return &c, nil
}
