package storage

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// isChunked reports whether a body has the chunked encoding of AWS.
func isChunked(h http.Header) bool {
	return strings.HasPrefix(h.Get(ContentHash), "STREAMING-") || strings.Contains(h.Get("Content-Encoding"), "aws-chunked")
}

// unchunk returns the content of a body in the chunked encoding of AWS: each chunk
// follows its size in hex. Signatures of chunks and the trailer are ignored.
func unchunk(body io.Reader, h http.Header) ([]byte, error) {
	in := bufio.NewReader(body)
	var content []byte
	for {
		head, err := in.ReadSlice('\n')
		if err != nil {
			return nil, err
		}
		digits, _, _ := strings.Cut(strings.TrimRight(string(head), "\r\n"), ";")
		size, err := strconv.ParseUint(digits, 16, 31)
		if err != nil {
			return nil, fmt.Errorf("a chunk begins with %q", head)
		}
		if size == 0 {
			return content, checkDecodedLength(content, h)
		}
		at := len(content)
		if at+int(size) > world.MaxObject {
			return nil, errTooLarge
		}
		content = append(content, make([]byte, size)...)
		if _, err := io.ReadFull(in, content[at:]); err != nil {
			return nil, err
		}
		if _, err := in.Discard(len("\r\n")); err != nil {
			return nil, err
		}
	}
}

// checkDecodedLength compares the length of the content with the header.
func checkDecodedLength(content []byte, h http.Header) error {
	if want := h.Get("X-Amz-Decoded-Content-Length"); want != "" && want != strconv.Itoa(len(content)) {
		return fmt.Errorf("%d bytes came, %s were announced", len(content), want)
	}
	return nil
}

var errTooLarge = errors.New("too large")

// ReadPayload returns the content of a request, without the chunked encoding.
func ReadPayload(r *http.Request) ([]byte, *Error) {
	body := io.LimitReader(r.Body, world.MaxObject+1)
	var content []byte
	var err error
	if isChunked(r.Header) {
		// The frames take more room than the content.
		content, err = unchunk(r.Body, r.Header)
	} else {
		content, err = io.ReadAll(body)
	}
	switch {
	case errors.Is(err, errTooLarge) || len(content) > world.MaxObject:
		return nil, newError(http.StatusBadRequest, "EntityTooLarge", "The object is larger than %d bytes.", world.MaxObject)
	case err != nil:
		return nil, newError(http.StatusBadRequest, "IncompleteBody", "The body could not be read: %v.", err)
	}
	return content, nil
}
