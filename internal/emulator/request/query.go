package request

import (
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// The default and the maximum number of items of a page.
const (
	DefaultPage = 100
	MaxPage     = 200
)

// Query reads the parameters of a list the way the server's validator does.
type Query struct {
	Values map[string][]string // the parameters
	Input
}

// First returns the first value of a parameter, or "".
func (q *Query) First(key string) string { return First(q.Values[key]) }

// IntParam returns an integer between 1 and most, or other if the parameter is absent.
func (q *Query) IntParam(key string, most, other int) int {
	text := q.First(key)
	if text == "" {
		return other
	}
	f, err := strconv.ParseFloat(text, 64)
	n := int(f)
	if err != nil || math.Trunc(f) != f {
		q.AddProblem("%s must be an integer number", key)
		n = other
	}
	if n > most {
		q.AddProblem("%s must not be greater than %d", key, most)
	}
	if n < 1 {
		q.AddProblem("%s must not be less than 1", key)
	}
	return n
}

// EnumParam returns one of several values, or the first one if the parameter is
// absent.
func (q *Query) EnumParam(key string, values ...string) string {
	text := q.First(key)
	switch {
	case text == "":
		return values[0]
	case !slices.Contains(values, text):
		q.AddProblem("%s must be one of the following values: %s", key, strings.Join(values, ", "))
	}
	return text
}

// boolParam returns nil if the parameter is absent.
func (q *Query) boolParam(key string) *bool {
	if q.First(key) == "" {
		return nil
	}
	return new(q.First(key) == "true")
}

// timeParam returns a time or a date; nil if the parameter is absent.
func (q *Query) timeParam(key string) *world.Instant {
	text := q.First(key)
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return new(world.InstantOf(t))
		}
	}
	q.AddProblem("%s must be a Date instance", key)
	return nil
}

// labels parses a JSON object. The server fails on other JSON values.
func (q *Query) labels() (map[string]any, error) {
	text := q.First("labels")
	if text == "" {
		return nil, nil
	}
	var v any
	if json.Unmarshal([]byte(text), &v) != nil {
		return nil, world.BadRequest("Invalid JSON in labels: %s", text)
	}
	m, ok := v.(map[string]any)
	if !ok {
		return nil, world.ErrUnexpected
	}
	return m, nil
}

// First returns the first value, or "".
func First(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// PageOf returns a page and the fields that describe it. A page beyond the end is
// empty.
func PageOf[T any](all []T, number, limit int) ([]T, map[string]any) {
	total := len(all)
	from := min((number-1)*limit, total)
	to := min(from+limit, total)
	return all[from:to], map[string]any{"total": total, "page": number, "totalPages": (total + limit - 1) / limit}
}
