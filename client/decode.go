package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
)

// Limits of an answer. A larger one is refused before it is decoded.
const (
	maxItems  = 1000   // of one page, of which 200 are asked for
	maxWhole  = 50000  // of a list without pages
	maxValues = 500000 // of one answer

	maxTextValue = 1 << 20 // bytes of one of them
)

var (
	errItems  = fmt.Errorf("a page has more than %d items", maxItems)
	errWhole  = fmt.Errorf("a list has more than %d items", maxWhole)
	errValues = fmt.Errorf("it holds more than %d values", maxValues)

	errTextValue = fmt.Errorf("it holds a text of more than %d bytes", maxTextValue)
)

// decode reads an answer. What a command wrote may be one long text.
func (a attempt) decode(body []byte, out any) error {
	if err := crowded(body); err != nil && a.class != Toolbox {
		return err
	}
	return json.Unmarshal(body, out)
}

// crowded is the error of a JSON text that holds too much. There are as many
// commas outside of strings as there are members, less one for each array and
// object.
func crowded(body []byte) error {
	values, begin := 0, -1 // of the text that is being read
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case begin >= 0 && c == '\\':
			i++
		case begin >= 0 && c == '"':
			if i-begin-1 > maxTextValue {
				return errTextValue
			}
			begin = -1
		case c == '"':
			begin = i
		case begin < 0 && c == ',':
			if values++; values > maxValues {
				return errValues
			}
		}
	}
	return nil
}

// items are those of one page, of which there may be maxItems.
type items[T any] []T

func (l *items[T]) UnmarshalJSON(data []byte) error {
	list, err := itemsOf[T](data, maxItems, errItems)
	*l = list
	return err
}

// whole are the items of a list without pages, of which there may be maxWhole.
type whole[T any] []T

func (l *whole[T]) UnmarshalJSON(data []byte) error {
	list, err := itemsOf[T](data, maxWhole, errWhole)
	*l = list
	return err
}

var errNoList = errors.New("a list was expected")

// itemsOf reads a JSON array item by item, so that one that is too long takes no
// more memory than the longest that may be.
func itemsOf[T any](data []byte, most int, tooMany error) ([]T, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	switch begin, err := dec.Token(); {
	case err != nil:
		return nil, err
	case begin == nil: // null
		return nil, nil
	case begin != json.Delim('['):
		return nil, errNoList
	}
	var list []T
	for dec.More() {
		if len(list) == most {
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
