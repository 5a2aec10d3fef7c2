package emulator

import (
	"encoding/json"
	"fmt"
	"time"
)

const instantLayout = "2006-01-02T15:04:05.000Z"

// instant is a time as the API writes it: UTC with milliseconds.
type instant struct{ time.Time }

func instantOf(t time.Time) instant {
	return instant{t.UTC().Truncate(time.Millisecond)}
}

func (i instant) plus(d time.Duration) instant { return instantOf(i.Add(d)) }

// plusMinutes is exact for any whole number of minutes a client may send.
func (i instant) plusMinutes(n int) instant { return i.plus(time.Duration(n) * time.Minute) }

func (i instant) String() string { return i.Format(instantLayout) }

// MarshalJSON writes the fixed three digits of the API.
func (i instant) MarshalJSON() ([]byte, error) {
	return []byte(`"` + i.String() + `"`), nil
}

// UnmarshalJSON reads any RFC 3339 time.
func (i *instant) UnmarshalJSON(b []byte) error {
	var s string
	if err := json.Unmarshal(b, &s); err != nil {
		return fmt.Errorf("a time must be a string: %w", err)
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return err
	}
	*i = instantOf(t)
	return nil
}

// later returns the later of two instants.
func later(a, b instant) instant {
	if a.Before(b.Time) {
		return b
	}
	return a
}
