package controller

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// maxMemory is the number of bytes of the largest memory that is read.
const maxMemory = 16 << 20

// pack compresses a text.
func pack(text string) []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = io.WriteString(z, text) // a buffer accepts everything
	_ = z.Close()
	return b.Bytes()
}

// unpack returns the text that pack compressed. No data are the empty text.
func unpack(data []byte) (string, error) {
	if len(data) == 0 {
		return "", nil
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return "", err
	}
	text, err := io.ReadAll(io.LimitReader(z, maxMemory+1))
	if err == nil && len(text) > maxMemory {
		err = errors.New("it is too large")
	}
	return string(text), err
}
