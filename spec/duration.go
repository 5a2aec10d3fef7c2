package spec

import (
	"time"

	"fleet/internal/decode"
)

// ParseDuration parses a duration as specs hold it: as Go does, and d for days of
// 24 hours.
func ParseDuration(s string) (time.Duration, error) { return decode.ParseDuration(s) }
