package request

import (
	"encoding/base64"
	"encoding/json"
	"strings"

	"fleet/internal/emulator/world"
)

// cursor says after which sandbox the next page begins. It is not bound to the
// sort it came from.
type Cursor struct {
	SortValue any    `json:"sortValue"`
	ID        string `json:"id"`
}

func (c Cursor) String() string {
	b, _ := json.Marshal(c)
	return base64.StdEncoding.EncodeToString(b)
}

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
