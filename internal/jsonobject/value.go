package jsonobject

import (
	"bytes"
	"encoding/json"
	"strconv"
	"unicode/utf8"
)

// The functions of this file decode single values as encoding/json does, and take a
// shorter way for the usual ones. null is the zero value.

// Text decodes a string. The result does not refer to raw.
func Text(raw json.RawMessage) (string, error) {
	if n := len(raw); n >= 2 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw) {
		return string(raw[1 : n-1]), nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err
}

// Flag decodes true or false.
func Flag(raw json.RawMessage) (bool, error) {
	switch string(raw) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	var b bool
	err := json.Unmarshal(raw, &b)
	return b, err
}

// Number decodes a number.
func Number(raw json.RawMessage) (float64, error) {
	if len(raw) > 0 && len(raw) < maxShortNumber && raw[0] >= '1' && raw[0] <= '9' {
		if n, err := strconv.Atoi(string(raw)); err == nil {
			return float64(n), nil
		}
	}
	var f float64
	err := json.Unmarshal(raw, &f)
	return f, err
}

// maxShortNumber is a length below which an integer has an exact float64.
const maxShortNumber = 15
