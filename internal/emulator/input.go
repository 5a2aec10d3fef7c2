package emulator

import (
	"encoding/json"
	"fmt"
	"math"
	"mime"
	"net/url"
	"regexp"
	"strings"

	"fleet/internal/emulator/world"
)

// input reads the fields of a request body the way the server's validator does:
// unknown fields are ignored, null counts as absent, all problems are told at once.
type input struct {
	fields   map[string]any
	problems []string
	// fraction is set when a number is one that no integer column takes.
	fraction bool
}

// parseBody returns the fields of a body. A content type that is not known
// leaves the body unread.
func parseBody(contentType string, raw []byte) (map[string]any, bool) {
	kind, _, _ := mime.ParseMediaType(contentType)
	switch {
	case len(raw) == 0:
		return map[string]any{}, true
	case kind == "application/json":
		var v any
		if json.Unmarshal(raw, &v) != nil {
			return nil, false
		}
		switch v := v.(type) {
		case map[string]any:
			return v, true
		case []any:
			return map[string]any{}, true
		}
		return nil, false
	case kind == "application/x-www-form-urlencoded":
		fields := map[string]any{}
		values, _ := url.ParseQuery(string(raw))
		for k, v := range values {
			fields[k] = v[0]
		}
		return fields, true
	}
	return map[string]any{}, true
}

func (in *input) addProblem(format string, args ...any) {
	in.problems = append(in.problems, fmt.Sprintf(format, args...))
}

// err returns what the validator found, or nil.
func (in *input) err() error {
	if len(in.problems) == 0 {
		return nil
	}
	return world.BadRequest("%s", strings.Join(in.problems, ", "))
}

// has reports whether a field is present, be it null.
func (in *input) has(key string) bool {
	_, ok := in.fields[key]
	return ok
}

func (in *input) text(key string) *string {
	v := in.fields[key]
	if v == nil {
		return nil
	}
	s, ok := v.(string)
	if !ok {
		in.addProblem("%s must be a string", key)
		return nil
	}
	return &s
}

// name is text that is shown in places where markup would do harm.
func (in *input) name(required bool) string {
	const key = "name"
	if in.fields[key] == nil {
		if required {
			in.addProblem("%s must be a string", key)
		}
		return ""
	}
	s := in.text(key)
	if s == nil {
		return ""
	}
	if unsafeText.MatchString(*s) {
		in.addProblem("%s must not contain HTML tags, URLs, or control characters", key)
	}
	return *s
}

var unsafeText = regexp.MustCompile(`(?i)<[a-z/]|(https?|s?ftps?|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)

func (in *input) flag(key string) *bool {
	v := in.fields[key]
	if v == nil {
		return nil
	}
	b, ok := v.(bool)
	if !ok {
		in.addProblem("%s must be a boolean value", key)
		return nil
	}
	return &b
}

func (in *input) object(key string) map[string]any {
	v := in.fields[key]
	if v == nil {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		in.addProblem("%s must be an object", key)
		return nil
	}
	return m
}

func (in *input) list(key string) []any {
	v := in.fields[key]
	if v == nil {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		in.addProblem("%s must be an array", key)
		return nil
	}
	return l
}

// number reads an integer of at least least; a fraction is noticed only later.
func (in *input) number(key string, least int) *int {
	v := in.fields[key]
	if v == nil {
		return nil
	}
	f, ok := v.(float64)
	if !ok {
		in.addProblem("%s must be a number conforming to the specified constraints", key)
		return nil
	}
	if f < float64(least) {
		in.addProblem("%s must not be less than %d", key, least)
		return nil
	}
	n, whole := integer(f)
	if !whole {
		// Rounded up, as it passes every check that the next integer passes, and never
		// zero, which would read as not given.
		in.fraction, n = true, int(min(math.Ceil(f), math.MaxInt32))
	}
	return &n
}

// anyNumber has no lower bound.
const anyNumber = math.MinInt32

// integer reports whether the database takes f as an integer.
func integer(f float64) (int, bool) {
	if math.IsNaN(f) || math.Trunc(f) != f || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}
