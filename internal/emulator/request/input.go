package request

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
type Input struct {
	Fields   map[string]any
	Problems []string
	// fraction is set when a number is one that no integer column takes.
	Fraction bool
}

// parseBody returns the fields of a body. A content type that is not known
// leaves the body unread.
func ParseBody(contentType string, raw []byte) (map[string]any, bool) {
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

func (in *Input) AddProblem(format string, args ...any) {
	in.Problems = append(in.Problems, fmt.Sprintf(format, args...))
}

// err returns what the validator found, or nil.
func (in *Input) Err() error {
	if len(in.Problems) == 0 {
		return nil
	}
	return world.BadRequest("%s", strings.Join(in.Problems, ", "))
}

// has reports whether a field is present, be it null.
func (in *Input) Has(key string) bool {
	_, ok := in.Fields[key]
	return ok
}

func (in *Input) Text(key string) *string {
	v := in.Fields[key]
	if v == nil {
		return nil
	}
	s, ok := v.(string)
	if !ok {
		in.AddProblem("%s must be a string", key)
		return nil
	}
	return &s
}

// name is text that is shown in places where markup would do harm.
func (in *Input) Name(required bool) string {
	const key = "name"
	if in.Fields[key] == nil {
		if required {
			in.AddProblem("%s must be a string", key)
		}
		return ""
	}
	s := in.Text(key)
	if s == nil {
		return ""
	}
	if unsafeText.MatchString(*s) {
		in.AddProblem("%s must not contain HTML tags, URLs, or control characters", key)
	}
	return *s
}

var unsafeText = regexp.MustCompile(`(?i)<[a-z/]|(https?|s?ftps?|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)

func (in *Input) Flag(key string) *bool {
	v := in.Fields[key]
	if v == nil {
		return nil
	}
	b, ok := v.(bool)
	if !ok {
		in.AddProblem("%s must be a boolean value", key)
		return nil
	}
	return &b
}

func (in *Input) Object(key string) map[string]any {
	v := in.Fields[key]
	if v == nil {
		return nil
	}
	m, ok := v.(map[string]any)
	if !ok {
		in.AddProblem("%s must be an object", key)
		return nil
	}
	return m
}

func (in *Input) List(key string) []any {
	v := in.Fields[key]
	if v == nil {
		return nil
	}
	l, ok := v.([]any)
	if !ok {
		in.AddProblem("%s must be an array", key)
		return nil
	}
	return l
}

// number reads an integer of at least least; a fraction is noticed only later.
func (in *Input) Number(key string, least int) *int {
	v := in.Fields[key]
	if v == nil {
		return nil
	}
	f, ok := v.(float64)
	if !ok {
		in.AddProblem("%s must be a number conforming to the specified constraints", key)
		return nil
	}
	if f < float64(least) {
		in.AddProblem("%s must not be less than %d", key, least)
		return nil
	}
	n, whole := Integer(f)
	if !whole {
		// Rounded up, as it passes every check that the next integer passes, and never
		// zero, which would read as not given.
		in.Fraction, n = true, int(min(math.Ceil(f), math.MaxInt32))
	}
	return &n
}

// anyNumber has no lower bound.
const anyNumber = math.MinInt32

// integer reports whether the database takes f as an integer.
func Integer(f float64) (int, bool) {
	if math.IsNaN(f) || math.Trunc(f) != f || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}
