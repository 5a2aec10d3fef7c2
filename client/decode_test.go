package client

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
)

// TestAnswersAtTheirBounds checks responses with exactly as many values and as long
// strings as allowed, and with one more in different places.
func TestAnswersAtTheirBounds(t *testing.T) {
	const values, long = 500_000, 1 << 20
	commas := func(n int) string { return strings.Repeat(",", n) }
	quoted := func(text string) string { return `"` + text + `"` }
	letters := func(n int) string { return quoted(strings.Repeat("x", n)) }
	for _, c := range []struct {
		name, body string
		want       error
	}{
		{"as many values", "[" + commas(values) + "]", nil},
		{"one more value", "[" + commas(values+1) + "]", errTooManyValues},
		{"one more value after a text", `["a"` + commas(values+1) + "]", errTooManyValues},
		{"values and commas in a text", `["` + commas(values) + `"` + commas(values) + "]", nil},
		{"other characters", "[" + strings.Repeat("1", values+1) + "]", nil},
		{"commas in a text", "[" + quoted(commas(values+1)) + "]", nil},
		{"commas in the whole text", quoted(commas(values + 1)), nil},
		{"commas after an escape", `"\"` + commas(values+1) + `"`, nil},
		{"a text as long", "[" + letters(long) + "]", nil},
		{"a longer text", "[" + letters(long+1) + "]", errStringTooLong},
		{"the whole text as long", letters(long), nil},
		{"a longer whole text", letters(long + 1), errStringTooLong},
		{"a longer second text", `{"a":` + letters(long+1) + "}", errStringTooLong},
		{"a backslash before the end", `["\\"` + commas(values+1) + "]", errTooManyValues},
		{"backslashes outside of texts", "[" + strings.Repeat(`\,`, values+1) + "]", errTooManyValues},
	} {
		if err := checkSize([]byte(c.body)); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", c.name, err, c.want)
		}
	}
}

// TestListsAtTheirBounds checks lists with exactly as many items as allowed, and one more.
func TestListsAtTheirBounds(t *testing.T) {
	for most, read := range map[int]func([]byte) (int, error){
		1000: func(data []byte) (int, error) {
			var p page[int]
			err := p.decode([]byte(`{"items":` + string(data) + `}`))
			return len(p.Items), err
		},
		50_000: func(data []byte) (int, error) {
			var l unpagedList[int]
			err := json.Unmarshal(data, &l)
			return len(l), err
		},
	} {
		if n, err := read([]byte("[" + times(most, "1") + "]")); n != most || err != nil {
			t.Errorf("%d of %d items: error %v", n, most, err)
		}
		if n, err := read([]byte("[" + times(most+1, "1") + "]")); n != 0 || !errors.Is(err, errTooManyPageItems) && !errors.Is(err, errTooManyItems) {
			t.Errorf("%d of %d items: error %v", n, most+1, err)
		}
	}
}
