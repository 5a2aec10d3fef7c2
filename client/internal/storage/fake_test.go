package storage

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testSecret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testToken  = "FwoGZXIvYXdzEJr//////////wEaDEXAMPLE"
	testPart   = 16 << 10 // the size of parts
	testPath   = "/contexts/org-1/"
)

// A bucket is an object storage within the process, and an API that grants access to it.
type bucket struct {
	t *testing.T

	// before replaces a response; it is called without the lock, after the body was read,
	// and returns nil for the usual response. op is such as "PUT 2" for a part.
	before func(op string, req *http.Request) (*http.Response, error)
	// grant replaces the answer of the API.
	grant func(context.Context) (Access, error)

	mu      sync.Mutex
	granted int // accesses
	begun   int // uploads in parts
	objects map[string][]byte
	uploads map[string]map[int][]byte
	asked   []string // the operations
}

func newBucket(t *testing.T) *bucket {
	return &bucket{t: t, objects: map[string][]byte{}, uploads: map[string]map[int][]byte{}}
}

// uploader returns an uploader with the retries of the client.
func (b *bucket) uploader() *Uploader { return b.uploaderOver(b) }

// uploaderOver returns an uploader whose requests pass through a network.
func (b *bucket) uploaderOver(network http.RoundTripper) *Uploader {
	u := New(Options{
		Access: b.access, Encrypted: true, Version: "1",
		Chain: func(timeout time.Duration, redact api.Redactor, sign func(http.RoundTripper) http.RoundTripper) http.RoundTripper {
			rt := sign(transport.Timeout{Next: network, Timeout: timeout, MaxBytes: transport.MaxErrorBody})
			return transport.Retry{Next: rt, Log: slog.New(slog.DiscardHandler), Redact: redact, Stats: &transport.Collector{}, Waits: &transport.WaitReporter{}}
		},
	})
	u.buffers = newBuffers(testPart)
	return u
}

func (b *bucket) access(ctx context.Context) (Access, error) {
	b.mu.Lock()
	b.granted++
	n := b.granted
	b.mu.Unlock()
	if b.grant != nil {
		return b.grant(ctx)
	}
	return accessNumber(n), nil
}

func accessNumber(n int) Access {
	return Access{
		URL: "https://store.test", Bucket: "contexts", OrganizationID: "org-1",
		AccessKey: fmt.Sprintf("AKIA%012d", n), Secret: testSecret, SessionToken: testToken,
	}
}

// operation returns the name of the operation of a request.
func operation(req *http.Request) string {
	q := req.URL.Query()
	switch {
	case q.Has("uploads"):
		return "begin"
	case q.Has("partNumber"):
		return "part " + q.Get("partNumber")
	case q.Has("uploadId") && req.Method == http.MethodPost:
		return "complete"
	case q.Has("uploadId"):
		return "abort"
	}
	return req.Method
}

func (b *bucket) RoundTrip(req *http.Request) (*http.Response, error) {
	op := operation(req)
	b.mu.Lock()
	b.asked = append(b.asked, op)
	b.mu.Unlock()
	data, err := b.read(req)
	if err != nil {
		return nil, err
	}
	if b.before != nil {
		if res, err := b.before(op, req); res != nil || err != nil {
			return res, err
		}
	}
	if err := req.Context().Err(); err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.respond(op, req, data), nil
}

// read reads the body of a request, and checks its digest.
func (b *bucket) read(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	defer req.Body.Close()
	data, err := io.ReadAll(req.Body)
	sum := sha256.Sum256(data)
	if req.Header.Get(headerDigest) != hex.EncodeToString(sum[:]) || int64(len(data)) != req.ContentLength {
		b.t.Errorf("%s %s: the body of %d bytes is not as announced", req.Method, req.URL, len(data))
	}
	return data, err
}

func (b *bucket) respond(op string, req *http.Request, data []byte) *http.Response {
	id := req.URL.Query().Get("uploadId")
	if id != "" && b.uploads[id] == nil {
		return refusal(404, codeNoUpload, "")
	}
	switch op, number, _ := strings.Cut(op, " "); op {
	case "HEAD":
		object, ok := b.objects[req.URL.Path]
		if !ok {
			return respond(404, "")
		}
		return respond(200, "", "Content-Length", strconv.Itoa(len(object)))
	case "PUT":
		b.objects[req.URL.Path] = data
	case "begin":
		b.begun++
		id := "upload+" + strconv.Itoa(b.begun)
		b.uploads[id] = map[int][]byte{}
		return respond(200, "<InitiateMultipartUploadResult><UploadId>"+id+"</UploadId></InitiateMultipartUploadResult>")
	case "part":
		n, _ := strconv.Atoi(number)
		b.uploads[id][n] = data
		return respond(200, "", "ETag", etag(data))
	case "complete":
		object, err := join(b.uploads[id], data)
		if err != nil {
			return refusal(400, "InvalidPart", err.Error())
		}
		b.objects[req.URL.Path] = object
		delete(b.uploads, id)
		return respond(200, "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>")
	case "abort":
		delete(b.uploads, id)
		return respond(204, "")
	}
	return respond(200, "")
}

func etag(data []byte) string {
	sum := sha256.Sum256(data)
	return `"` + hex.EncodeToString(sum[:16]) + `"`
}

// join returns the object of the listed parts.
func join(parts map[int][]byte, list []byte) ([]byte, error) {
	var order struct {
		XMLName xml.Name `xml:"CompleteMultipartUpload"`
		Part    []completedPart
	}
	if err := xml.Unmarshal(list, &order); err != nil {
		return nil, err
	}
	var object []byte
	for i, p := range order.Part {
		data, ok := parts[p.PartNumber]
		switch {
		case !ok || p.PartNumber != i+1 || p.ETag != etag(data):
			return nil, fmt.Errorf("part %d", p.PartNumber)
		case i < len(order.Part)-1 && len(data) < testPart:
			return nil, errors.New("too small")
		}
		object = append(object, data...)
	}
	return object, nil
}

func respond(status int, body string, headers ...string) *http.Response {
	h := http.Header{"Content-Type": {"application/xml"}}
	for i := 0; i < len(headers); i += 2 {
		h.Set(headers[i], headers[i+1])
	}
	return &http.Response{StatusCode: status, Header: h, Body: io.NopCloser(strings.NewReader(body))}
}

func refusal(status int, code, message string) *http.Response {
	return respond(status, "<Error><Code>"+code+"</Code><Message>"+message+"</Message></Error>")
}

// count returns how often an operation was asked for.
func (b *bucket) count(op string) (n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, asked := range b.asked {
		if asked == op {
			n++
		}
	}
	return n
}

// expect checks the objects, by their hashes, and that no upload is incomplete.
func (b *bucket) expect(objects map[string][]byte) {
	b.t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for hash, want := range objects {
		if got := b.objects[testPath+hash+"/context.tar"]; !bytes.Equal(got, want) {
			b.t.Errorf("%s: %d bytes, want %d", hash, len(got), len(want))
		}
	}
	if len(b.objects) != len(objects) || len(b.uploads) != 0 {
		b.t.Errorf("%d objects and %d incomplete uploads, want %d objects", len(b.objects), len(b.uploads), len(objects))
	}
}

// randomContent returns bytes that differ from part to part.
func randomContent(size int) []byte {
	data := make([]byte, size)
	_, _ = rand.NewChaCha8([32]byte{}).Read(data)
	return data
}

// contextOf returns a context with the content and the announced size.
func contextOf(hash string, data []byte, size int64) Context {
	return Context{Hash: hash, Size: size, Open: func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(data)), nil }}
}

// recordProgress makes the context check its progress, and returns the last one.
func recordProgress(t *testing.T, c *Context) *int64 {
	last := new(int64)
	c.Progress = func(sent, total int64) {
		if sent <= *last || sent > total || total != c.Size {
			t.Errorf("progress %d of %d after %d", sent, total, *last)
		}
		*last = sent
	}
	return last
}

// sorted returns a sorted copy: the order of parts is not certain.
func sorted(list []string) []string { return slices.Sorted(slices.Values(list)) }

// resetting returns a network to the bucket in which the body of each part is read to a
// third of its length, then to two thirds, and then as a whole.
func resetting(b *bucket) http.RoundTripper {
	var mu sync.Mutex
	attempts := map[string]int64{}
	return roundTripper(func(req *http.Request) (*http.Response, error) {
		mu.Lock()
		attempts[req.URL.RequestURI()]++
		n := attempts[req.URL.RequestURI()]
		mu.Unlock()
		if n < 3 && strings.HasPrefix(operation(req), "part") {
			_, _ = io.CopyN(io.Discard, req.Body, req.ContentLength*n/3)
			req.Body.Close()
			return nil, errors.New("connection reset by peer")
		}
		return b.RoundTrip(req)
	})
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(req *http.Request) (*http.Response, error) { return f(req) }
