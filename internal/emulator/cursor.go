package emulator

import (
	"encoding/base64"
	"encoding/json"
	"fleet/internal/emulator/world"
	"strings"
)

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
