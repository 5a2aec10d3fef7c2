package storage

import (
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
)

// TestPartIsRepeated checks that a part that fails is sent again, and no other part.
func TestPartIsRepeated(t *testing.T) {
	for name, fail := range map[string]func() (*http.Response, error){
		"reset":      func() (*http.Response, error) { return nil, errors.New("connection reset by peer") },
		"no answer":  func() (*http.Response, error) { return nil, io.ErrUnexpectedEOF },
		"internal":   func() (*http.Response, error) { return refusal(500, "InternalError", ""), nil },
		"slow down":  func() (*http.Response, error) { return refusal(503, CodeBusy, "Reduce your rate."), nil },
		"no gateway": func() (*http.Response, error) { return respond(502, ""), nil },
		"throttled":  func() (*http.Response, error) { return respond(429, "", "Retry-After", "3"), nil },
		"too slow":   func() (*http.Response, error) { return refusal(400, codeTimeout, "Idle."), nil },
		"conflict":   func() (*http.Response, error) { return refusal(409, codeAborted, ""), nil },
	} {
		for _, op := range []string{"PUT", "begin", "part 2", "part 3", "complete"} {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(t)
				failures := 2
				b.before = func(asked string, _ *http.Request) (*http.Response, error) {
					b.mu.Lock()
					defer b.mu.Unlock()
					if asked != op || failures == 0 {
						return nil, nil
					}
					failures--
					return fail()
				}
				data := randomContent(2*testPart + 1)
				if op == "PUT" {
					data = data[:1000]
				}
				c := contextOf("h", data, int64(len(data)))
				last := recordProgress(t, &c)
				if _, err := b.uploader().Upload(t.Context(), c); err != nil {
					t.Fatalf("%s of %s: %v", name, op, err)
				}
				b.expect(map[string][]byte{"h": data})
				if *last != c.Size || b.count(op) != 3 || op != "part 1" && b.count("part 1") > 1 {
					t.Errorf("%s of %s: progress %d, asked %v", name, op, *last, b.asked)
				}
			})
		}
	}
}

// TestResetInTheMiddle loses the connection in the middle of bodies.
func TestResetInTheMiddle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		data := randomContent(4 * testPart)
		c := contextOf("h", data, int64(len(data)))
		last := recordProgress(t, &c)
		u := b.uploaderOver(resetting(b))
		if _, err := u.Upload(t.Context(), c); err != nil || *last != c.Size {
			t.Errorf("progress %d: %v", *last, err)
		}
		b.expect(map[string][]byte{"h": data})
	})
}

// TestGivesUp checks that a failed upload leaves nothing, regardless of the request that fails.
func TestGivesUp(t *testing.T) {
	for _, op := range []string{"HEAD", "begin", "part 1", "part 4", "complete"} {
		for name, res := range map[string]func() *http.Response{
			"denied":   func() *http.Response { return refusal(403, "AccessDenied", "Access Denied") },
			"down":     func() *http.Response { return respond(503, "") },
			"too big":  func() *http.Response { return refusal(400, CodeTooLarge, "Your proposed upload exceeds the maximum.") },
			"web page": func() *http.Response { return respond(200, "<html>", "Content-Type", "text/html") },
		} {
			if op == "HEAD" && name == "denied" {
				continue // means that the object is missing
			}
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(t)
				b.before = func(asked string, _ *http.Request) (*http.Response, error) {
					if asked == op {
						return res(), nil
					}
					return nil, nil
				}
				data := randomContent(5 * testPart)
				u := b.uploader()
				uploaded, err := u.Upload(t.Context(), contextOf("h", data, int64(len(data))))
				if e, ok := errors.AsType[*Error](err); !ok || uploaded || e.Status != res().StatusCode {
					t.Errorf("%s of %s: uploaded %t: %v", name, op, uploaded, err)
				}
				b.expect(nil)
				b.before = nil
				if _, err := u.Upload(t.Context(), contextOf("h", data, int64(len(data)))); err != nil {
					t.Errorf("%s of %s: the second run: %v", name, op, err)
				}
				b.expect(map[string][]byte{"h": data})
			})
		}
	}
}

// TestCompletion checks the ways in which a storage may answer the last request.
func TestCompletion(t *testing.T) {
	for name, test := range map[string]struct {
		complete []func(*bucket) *http.Response // in place of the usual response, which nil means
		head     func() *http.Response          // of the second HEAD
		fails    string
	}{
		"error after the status": {complete: []func(*bucket) *http.Response{
			func(*bucket) *http.Response {
				return refusal(200, "InternalError", "We encountered an internal error.")
			}, nil,
		}},
		"always an error": {fails: "internal error", complete: slices.Repeat([]func(*bucket) *http.Response{
			func(*bucket) *http.Response { return refusal(200, "InternalError", "an internal error") },
		}, 20)},
		"response lost": {complete: []func(*bucket) *http.Response{
			func(b *bucket) *http.Response { b.completeAll(); return respond(502, "") },
		}},
		"upload gone": {fails: codeNoUpload, complete: []func(*bucket) *http.Response{
			func(b *bucket) *http.Response { clear(b.uploads); return nil },
		}},
		"part missing":   {fails: "InvalidPart", complete: []func(*bucket) *http.Response{func(*bucket) *http.Response { return refusal(400, "InvalidPart", "") }}},
		"another size":   {fails: "run the command again", head: func() *http.Response { return respond(200, "", "Content-Length", "7") }},
		"size forbidden": {head: func() *http.Response { return respond(403, "") }},
		"size unknown":   {head: func() *http.Response { return respond(200, "") }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(t)
				completes := test.complete
				b.before = func(op string, _ *http.Request) (*http.Response, error) {
					b.mu.Lock()
					defer b.mu.Unlock()
					if op == "complete" && len(completes) > 0 {
						next := completes[0]
						completes = completes[1:]
						if next != nil {
							return next(b), nil
						}
					}
					if op == "HEAD" && test.head != nil && slices.Contains(b.asked, "complete") {
						return test.head(), nil
					}
					return nil, nil
				}
				data := randomContent(testPart + 1)
				uploaded, err := b.uploader().Upload(t.Context(), contextOf("h", data, int64(len(data))))
				if test.fails == "" && (err != nil || !uploaded) || test.fails != "" && (err == nil || !strings.Contains(err.Error(), test.fails)) {
					t.Errorf("uploaded %t: %v", uploaded, err)
				}
				if len(b.uploads) != 0 {
					t.Errorf("%d incomplete uploads", len(b.uploads))
				}
			})
		})
	}
}

// completeAll completes the only upload, as if its response was lost. The caller holds
// the lock.
func (b *bucket) completeAll() {
	for id, parts := range b.uploads {
		b.objects[testPath+"h/context.tar"] = slices.Concat(parts[1], parts[2])
		delete(b.uploads, id)
	}
}
