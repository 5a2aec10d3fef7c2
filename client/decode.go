package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Limits of an answer. A larger one is refused before it is decoded.
const (
	maxItems     = 1000   // of one page, of which 200 are asked for
	maxListItems = 50000  // of a list without pages
	maxValues    = 500000 // of one answer

	maxString = 1 << 20 // bytes of one of them
)

var (
	errTooManyPageItems = fmt.Errorf("a page has more than %d items", maxItems)
	errTooManyItems     = fmt.Errorf("a list has more than %d items", maxListItems)
	errTooManyValues    = fmt.Errorf("it holds more than %d values", maxValues)

	errStringTooLong = fmt.Errorf("it holds a text of more than %d bytes", maxString)
)

// decodeBody reads an answer. What a command wrote may be one long text.
func (a attempt) decodeBody(body []byte, out any) error {
	if err := checkSize(body); err != nil && a.Class != RateToolbox {
		return err
	}
	return json.Unmarshal(body, out)
}

// checkSize is the error of a JSON text that holds too much. There are as many
// commas outside of strings as there are members, less one for each array and
// object.
func checkSize(body []byte) error {
	values, start := 0, -1 // of the text that is being read
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

// items are those of one page, of which there may be maxItems.
type items[T any] []T

func (l *items[T]) UnmarshalJSON(data []byte) error {
	list, err := decodeItems[T](data, maxItems, errTooManyPageItems)
	*l = list
	return err
}

// unpagedList are the items of a list without pages, of which there may be maxListItems.
type unpagedList[T any] []T

func (l *unpagedList[T]) UnmarshalJSON(data []byte) error {
	list, err := decodeItems[T](data, maxListItems, errTooManyItems)
	*l = list
	return err
}

var errNotList = errors.New("a list was expected")

// decodeItems reads a JSON array item by item, so that one that is too long takes no
// more memory than the longest that may be.
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
