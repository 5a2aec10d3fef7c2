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

const (
	DefaultPage = 100
	MaxPage     = 200
)

// query reads the parameters of a list the way the server's validator does.
type Query struct {
	Values map[string][]string
	Input
}

func (q *Query) First(key string) string { return First(q.Values[key]) }

// intParam reads an integer between 1 and most; absent is other.
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

// enumParam reads a value out of a few; absent is the first.
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

// boolParam is nil when the parameter is absent.
func (q *Query) boolParam(key string) *bool {
	if q.First(key) == "" {
		return nil
	}
	return new(q.First(key) == "true")
}

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

// labels reads a JSON object. What is JSON but no object is more than the
// server can take.
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

func First(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// pageOf cuts out a page and counts; a page beyond the end is empty.
func PageOf[T any](all []T, number, limit int) ([]T, map[string]any) {
	total := len(all)
	from := min((number-1)*limit, total)
	to := min(from+limit, total)
	return all[from:to], map[string]any{"total": total, "page": number, "totalPages": (total + limit - 1) / limit}
}
