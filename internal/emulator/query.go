package emulator

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
	defaultPage = 100
	maxPage     = 200
)

// query reads the parameters of a list the way the server's validator does.
type query struct {
	values map[string][]string
	input
}

func (q *query) first(key string) string { return first(q.values[key]) }

// intParam reads an integer between 1 and most; absent is other.
func (q *query) intParam(key string, most, other int) int {
	text := q.first(key)
	if text == "" {
		return other
	}
	f, err := strconv.ParseFloat(text, 64)
	n := int(f)
	if err != nil || math.Trunc(f) != f {
		q.addProblem("%s must be an integer number", key)
		n = other
	}
	if n > most {
		q.addProblem("%s must not be greater than %d", key, most)
	}
	if n < 1 {
		q.addProblem("%s must not be less than 1", key)
	}
	return n
}

// enumParam reads a value out of a few; absent is the first.
func (q *query) enumParam(key string, values ...string) string {
	text := q.first(key)
	switch {
	case text == "":
		return values[0]
	case !slices.Contains(values, text):
		q.addProblem("%s must be one of the following values: %s", key, strings.Join(values, ", "))
	}
	return text
}

// boolParam is nil when the parameter is absent.
func (q *query) boolParam(key string) *bool {
	if q.first(key) == "" {
		return nil
	}
	return new(q.first(key) == "true")
}

func (q *query) timeParam(key string) *world.Instant {
	text := q.first(key)
	if text == "" {
		return nil
	}
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, text); err == nil {
			return new(world.InstantOf(t))
		}
	}
	q.addProblem("%s must be a Date instance", key)
	return nil
}

// labels reads a JSON object. What is JSON but no object is more than the
// server can take.
func (q *query) labels() (map[string]any, error) {
	text := q.first("labels")
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

func first(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// pageOf cuts out a page and counts; a page beyond the end is empty.
func pageOf[T any](all []T, number, limit int) ([]T, map[string]any) {
	total := len(all)
	from := min((number-1)*limit, total)
	to := min(from+limit, total)
	return all[from:to], map[string]any{"total": total, "page": number, "totalPages": (total + limit - 1) / limit}
}
