package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Limits of a response. A larger one is an error before it is decoded, so that a
// hostile server cannot exhaust the memory.
const (
	maxItems     = 1000    // items of a page; the client asks for 200
	maxListItems = 50000   // items of a list without pages
	maxValues    = 500000  // values in a response
	maxString    = 1 << 20 // bytes of a string
)

var (
	errTooManyPageItems = fmt.Errorf("a page has more than %d items", maxItems)
	errTooManyItems     = fmt.Errorf("a list has more than %d items", maxListItems)
	errTooManyValues    = fmt.Errorf("it has more than %d values", maxValues)
	errStringTooLong    = fmt.Errorf("it has a string of more than %d bytes", maxString)
	errNotList          = errors.New("a list was expected")
)

// decodeBody decodes a response. The output of a command may be one long string.
func (x exchange) decodeBody(body []byte, out any) error {
	if err := checkSize(body); err != nil && x.Class != RateToolbox {
		return err
	}
	if page, ok := out.(interface{ decode(body []byte) error }); ok {
		return page.decode(body)
	}
	return json.Unmarshal(body, out)
}

// checkSize returns an error if a JSON text has too many values or too long a string.
// It counts the commas outside of strings: each array and object has one fewer than
// members.
func checkSize(body []byte) error {
	values, start := 0, -1 // start of the current string; -1 outside of strings
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case start >= 0 && c == '\\':
			i++
		case start >= 0 && c == '"':
			if i-start-1 > maxString {
				return errStringTooLong
			}
			start = -1
		case c == '"':
			start = i
		case start < 0 && c == ',':
			if values++; values > maxValues {
				return errTooManyValues
			}
		}
	}
	return nil
}

// unpagedList are the items of a list without pages, at most maxListItems.
type unpagedList[T any] []T

func (l *unpagedList[T]) UnmarshalJSON(data []byte) error {
	list, err := decodeItems[T](data, maxListItems, errTooManyItems)
	*l = list
	return err
}

// decodeItems decodes a JSON array item by item and fails with tooMany after limit
// items, so that an array that is too long takes no more memory than the longest
// allowed one.
func decodeItems[T any](data []byte, limit int, tooMany error) ([]T, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	switch begin, err := dec.Token(); {
	case err != nil:
		return nil, err
	case begin == nil: // null
		return nil, nil
	case begin != json.Delim('['):
		return nil, errNotList
	}
	var list []T
	for dec.More() {
		if len(list) == limit {
			return nil, tooMany
		}
		var item T
		if err := dec.Decode(&item); err != nil {
			return nil, err
		}
		list = append(list, item)
	}
	return list, nil
}
