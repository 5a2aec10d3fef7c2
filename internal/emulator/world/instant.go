package world

import (
	"encoding/json"
	"fmt"
	"time"
)

const instantLayout = "2006-01-02T15:04:05.000Z"

// Instant is a time as the API represents it: UTC with milliseconds.
type Instant struct{ time.Time }

// InstantOf returns t in UTC, truncated to milliseconds.
func InstantOf(t time.Time) Instant {
	return Instant{t.UTC().Truncate(time.Millisecond)}
}

// Plus returns the instant d after i.
func (i Instant) Plus(d time.Duration) Instant { return InstantOf(i.Add(d)) }

// PlusMinutes returns the instant n minutes after i.
func (i Instant) PlusMinutes(n int) Instant { return i.Plus(time.Duration(n) * time.Minute) }

func (i Instant) String() string { return i.Format(instantLayout) }

// MarshalJSON writes the time with exactly three decimal digits, as the API does.
func (i Instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + i.String() + `"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (i *Instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a time must be a string: %w", err)
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return err
	}
	*i = InstantOf(t)
	return nil
}

// later returns the later of two instants.
func later(a, b Instant) Instant {
	if a.Before(b.Time) {
		return b
	}
	return a
}
