package storage

import (
	"bufio"
	"crypto/md5"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"net/http"
	"strconv"
	"strings"

	"fleet/internal/emulator/blob"
)

// isChunked reports whether a body has the chunked encoding of AWS.
func isChunked(h http.Header) bool {
	return strings.HasPrefix(h.Get(ContentHash), "STREAMING-") || strings.Contains(h.Get("Content-Encoding"), "aws-chunked")
}

// An unchunker reads the content of a body in the chunked encoding of AWS: each chunk
// follows its size in hex. Signatures of chunks and the trailer are ignored.
type unchunker struct {
	in   *bufio.Reader
	want string // the length of the content by the header; "" if there is none
	rest int64  // of the chunk
	read int64  // of the content
	err  error  // after which there is no more content
}

func (u *unchunker) Read(p []byte) (int, error) {
	for u.rest == 0 && u.err == nil {
		u.err = u.nextChunk()
	}
	if u.err != nil {
		return 0, u.err
	}
	n, err := u.in.Read(p[:min(int64(len(p)), u.rest)])
	u.rest -= int64(n)
	u.read += int64(n)
	if err == nil && u.rest == 0 {
		_, err = u.in.Discard(len("\r\n"))
	}
	u.err = tooEarly(err)
	return n, u.err
}

// tooEarly returns the error of a body that ends before its last chunk.
func tooEarly(err error) error {
	if errors.Is(err, io.EOF) {
		return io.ErrUnexpectedEOF
	}
	return err
}

// nextChunk reads the size of a chunk. It returns io.EOF after the last one.
func (u *unchunker) nextChunk() error {
	head, err := u.in.ReadSlice('\n')
	if err != nil {
		return tooEarly(err)
	}
	digits, _, _ := strings.Cut(strings.TrimRight(string(head), "\r\n"), ";")
	size, err := strconv.ParseUint(digits, 16, 31)
	if err != nil {
		return fmt.Errorf("a chunk begins with %q", head)
	}
	u.rest = int64(size)
	switch {
	case size > 0:
		return nil
	case u.want != "" && u.want != strconv.FormatInt(u.read, 10):
		return fmt.Errorf("%d bytes came, %s were announced", u.read, u.want)
	}
	return io.EOF
}

// content returns the content of a request, without the chunked encoding.
func content(r *http.Request) io.Reader {
	if isChunked(r.Header) {
		return &unchunker{in: bufio.NewReader(r.Body), want: r.Header.Get("X-Amz-Decoded-Content-Length")}
	}
	return r.Body
}

// received is content that was stored as a blob.
type received struct {
	blob   string // its name
	size   int64
	digest []byte // of md5.Size
}

func (c received) etag() string { return `"` + hex.EncodeToString(c.digest) + `"` }

// copyBuffer is the size in bytes of the pieces in which content is read.
const copyBuffer = 256 << 10

// receive stores the content of a request as a blob. The digest of an object is its MD5;
// that of a part may be another, since to clients it has no meaning.
func receive(r *http.Request, store *blob.Store, isPart bool) (received, *Error) {
	if r.ContentLength < 0 && !isChunked(r.Header) {
		return received{}, newError(http.StatusLengthRequired, "MissingContentLength", "You must provide the Content-Length HTTP header.")
	}
	w, err := store.Create()
	if err != nil {
		return received{}, InternalError(err)
	}
	sums := newDigests(r.Header, isPart)
	_, err = io.CopyBuffer(io.MultiWriter(append(sums.writers(), w)...), content(r), make([]byte, copyBuffer))
	fault := readError(err, store.Limit())
	if fault == nil {
		fault = sums.check(r.Header)
	}
	if fault == nil {
		if err := w.Close(); err != nil {
			fault = InternalError(err)
		}
	}
	if fault != nil {
		_ = w.Discard()
		return received{}, fault
	}
	return received{blob: w.Name, size: w.Size, digest: sums.etag()}, nil
}

// readError returns the error of a body that could not be read.
func readError(err error, limit int64) *Error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, blob.ErrTooLarge):
		return newError(http.StatusBadRequest, "EntityTooLarge", "The object is larger than %d bytes.", limit)
	}
	return newError(http.StatusBadRequest, "IncompleteBody", "The body could not be read: %v.", err)
}

// digests are the digests of a body.
type digests struct {
	md5    hash.Hash // nil if nothing needs it: it takes longer than all the rest
	sha256 hash.Hash // nil if the body was not signed
}

func newDigests(h http.Header, isPart bool) digests {
	var d digests
	if isDigest(h.Get(ContentHash)) {
		d.sha256 = sha256.New()
	}
	if d.sha256 == nil || !isPart || h.Get("Content-Md5") != "" {
		d.md5 = md5.New()
	}
	return d
}

// etag returns a digest of md5.Size.
func (d digests) etag() []byte {
	if d.md5 == nil {
		return d.sha256.Sum(nil)[:md5.Size]
	}
	return d.md5.Sum(nil)
}

// isDigest reports whether the header has the digest of the body, rather than a constant
// such as UNSIGNED-PAYLOAD.
func isDigest(signed string) bool { return len(signed) == hex.EncodedLen(sha256.Size) }

func (d digests) writers() []io.Writer {
	var all []io.Writer
	for _, h := range []hash.Hash{d.md5, d.sha256} {
		if h != nil {
			all = append(all, h)
		}
	}
	return all
}

// check compares the digests with those that the request announced.
func (d digests) check(h http.Header) *Error {
	if d.sha256 != nil && h.Get(ContentHash) != hex.EncodeToString(d.sha256.Sum(nil)) {
		return errHash
	}
	if want := h.Get("Content-Md5"); want != "" && want != base64.StdEncoding.EncodeToString(d.md5.Sum(nil)) {
		return newError(http.StatusBadRequest, "BadDigest", "The Content-MD5 you specified did not match what we received.")
	}
	return nil
}

var errHash = newError(http.StatusBadRequest, "XAmzContentSHA256Mismatch", "The content does not match its %s header.", ContentHash)

// maxText is the size in bytes of the largest body that is not the content of an object:
// the list of all parts.
const maxText = 4 << 20

// readText returns a body that is not the content of an object.
func readText(r *http.Request) ([]byte, *Error) {
	text, err := io.ReadAll(io.LimitReader(content(r), maxText+1))
	switch signed := r.Header.Get(ContentHash); {
	case err != nil:
		return nil, readError(err, maxText)
	case len(text) > maxText:
		return nil, newError(http.StatusBadRequest, "MaxMessageLengthExceeded", "Your request was too large.")
	case isDigest(signed) && signed != hex.EncodeToString(sha256Of(text)):
		return nil, errHash
	}
	return text, nil
}

func sha256Of(text []byte) []byte {
	sum := sha256.Sum256(text)
	return sum[:]
}
