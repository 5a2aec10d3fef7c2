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

// Input reads the fields of a request body the way the server's validator does:
// unknown fields are ignored, null counts as absent, and all problems are reported at
// once.
type Input struct {
	Fields   map[string]any // by name
	Problems []string       // the messages of the validator
	// Fraction reports whether a number was not an integer. The server notices it only
	// in the database.
	Fraction bool
}

// ParseBody returns the fields of a body; false if it is malformed. A body with an
// unknown content type has no fields.
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

// AddProblem adds a message of the validator.
func (in *Input) AddProblem(format string, args ...any) {
	in.Problems = append(in.Problems, fmt.Sprintf(format, args...))
}

// Err returns the problems as one error, or nil.
func (in *Input) Err() error {
	if len(in.Problems) == 0 {
		return nil
	}
	return world.BadRequest("%s", strings.Join(in.Problems, ", "))
}

// Has reports whether a field is present, even if it is null.
func (in *Input) Has(key string) bool {
	_, ok := in.Fields[key]
	return ok
}

// Text returns a text field; nil if it is absent.
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

// Name returns the name field, which must not contain markup; "" if it is absent.
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

// unsafeText matches markup and URLs, which the server refuses in names.
var unsafeText = regexp.MustCompile(`(?i)<[a-z/]|(https?|s?ftps?|ssh|wss?|file|ldaps?)://|(javascript|data|mailto|tel):|www\.|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]`)

// Flag returns a boolean field; nil if it is absent.
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

// Object returns an object field; nil if it is absent.
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

// List returns a list field; nil if it is absent.
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

// Number returns an integer field that is at least least; nil if it is absent. A
// fraction sets Fraction.
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
		// Rounded up: like the fraction, the next integer passes the checks of the
		// server, and it is never zero, which would mean absent.
		in.Fraction, n = true, int(min(math.Ceil(f), math.MaxInt32))
	}
	return &n
}

// anyNumber has no lower bound.
const anyNumber = math.MinInt32

// Integer returns f as an integer; false if the database does not accept it as one.
func Integer(f float64) (int, bool) {
	if math.IsNaN(f) || math.Trunc(f) != f || math.Abs(f) > math.MaxInt32 {
		return 0, false
	}
	return int(f), true
}
