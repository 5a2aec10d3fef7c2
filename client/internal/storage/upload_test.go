package storage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// TestSizes uploads contexts of one part, of some parts, and at the edges.
func TestSizes(t *testing.T) {
	for size, want := range map[int][]string{
		1:            {"HEAD", "PUT"},
		testPart - 1: {"HEAD", "PUT"},
		testPart:     {"HEAD", "PUT"},
		testPart + 1: {"HEAD", "HEAD", "begin", "complete", "part 1", "part 2"},
		2 * testPart: {"HEAD", "HEAD", "begin", "complete", "part 1", "part 2"},
		6*testPart + 7: {
			"HEAD", "HEAD", "begin", "complete", "part 1", "part 2", "part 3", "part 4", "part 5", "part 6", "part 7",
		},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(t)
			u := b.uploader()
			data := randomContent(size)
			c := contextOf("0a1b", data, int64(size))
			last := recordProgress(t, &c)
			opened, open := 0, c.Open
			c.Open = func() (io.ReadCloser, error) { opened++; return open() }
			for _, first := range []bool{true, false} {
				uploaded, err := u.Upload(t.Context(), c)
				if uploaded != first || err != nil {
					t.Fatalf("%d bytes: uploaded %t: %v", size, uploaded, err)
				}
			}
			b.expect(map[string][]byte{"0a1b": data})
			if asked := sorted(b.asked[:len(b.asked)-1]); !slices.Equal(asked, want) {
				t.Errorf("%d bytes: asked %v, want %v", size, asked, want)
			}
			if opened != 1 || *last != int64(size) || b.granted != 1 {
				t.Errorf("%d bytes: opened %d times, progress %d, %d accesses", size, opened, *last, b.granted)
			}
		})
	}
}

// TestOtherSize replaces an object of another size: it is not the context.
func TestOtherSize(t *testing.T) {
	b := newBucket(t)
	b.objects[testPath+"h/context.tar"] = []byte("half a cont")
	uploaded, err := b.uploader().Upload(t.Context(), contextOf("h", []byte("a context"), 9))
	if !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
	b.expect(map[string][]byte{"h": []byte("a context")})
}

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

// TestGivesUp checks that a failed upload leaves nothing, whatever fails.
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

// TestChangedContext checks contexts that do not have the size that they should have.
func TestChangedContext(t *testing.T) {
	for _, test := range []struct{ has, says int }{
		{0, 1},
		{1, 2},
		{2, 1},
		{testPart, testPart - 1},
		{testPart - 1, testPart},
		{testPart, testPart + 1},
		{testPart + 1, testPart},
		{3 * testPart, 3*testPart + 1},
		{3*testPart + 1, 3 * testPart},
		{testPart, 3 * testPart},
		{6 * testPart, 3 * testPart},
	} {
		synctest.Test(t, func(t *testing.T) {
			b := newBucket(t)
			_, err := b.uploader().Upload(t.Context(), contextOf("0a1b", randomContent(test.has), int64(test.says)))
			want := "fewer"
			if test.has > test.says {
				want = "more"
			}
			if err == nil || !strings.Contains(err.Error(), "build context 0a1b") || !strings.Contains(err.Error(), want+" than") ||
				!strings.Contains(err.Error(), "run the command again") {
				t.Errorf("%+v: %v", test, err)
			}
			b.expect(nil)
			if n := b.count("complete") + b.count("PUT"); n > 0 {
				t.Errorf("%+v: asked %v", test, b.asked)
			}
		})
	}
}

// TestUnreadableContext checks errors of the caller's own files.
func TestUnreadableContext(t *testing.T) {
	broken := errors.New("input/output error")
	for name, open := range map[string]func() (io.ReadCloser, error){
		"open": func() (io.ReadCloser, error) { return nil, broken },
		"read": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(randomContent(testPart+9)), failing{broken})), nil
		},
		"end": func() (io.ReadCloser, error) {
			return io.NopCloser(io.MultiReader(bytes.NewReader(randomContent(2*testPart)), failing{broken})), nil
		},
	} {
		b := newBucket(t)
		_, err := b.uploader().Upload(t.Context(), Context{Hash: "0a1b", Size: 2 * testPart, Open: open})
		if !errors.Is(err, broken) || !strings.Contains(err.Error(), "0a1b") {
			t.Errorf("%s: %v", name, err)
		}
		b.expect(nil)
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

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

// TestCancel ends the context of an upload at each of its requests.
func TestCancel(t *testing.T) {
	for _, op := range []string{"HEAD", "begin", "part 1", "part 5", "complete"} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			b := newBucket(t)
			b.before = func(asked string, req *http.Request) (*http.Response, error) {
				if asked == op {
					cancel()
				}
				if asked == "abort" {
					return nil, nil
				}
				return nil, req.Context().Err()
			}
			data := randomContent(8 * testPart)
			u := b.uploader()
			uploaded, err := u.Upload(ctx, contextOf("0a1b", data, int64(len(data))))
			if uploaded || !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "0a1b") {
				t.Errorf("%s: uploaded %t: %v", op, uploaded, err)
			}
			b.expect(nil)
			b.before = nil
			if uploaded, err := u.Upload(t.Context(), contextOf("0a1b", data, int64(len(data)))); !uploaded || err != nil {
				t.Errorf("%s: the second run: %t, %v", op, uploaded, err)
			}
			b.expect(map[string][]byte{"0a1b": data})
		})
	}
}

// TestAbortEnds checks that a storage that does not answer does not keep a cancelled
// upload for long.
func TestAbortEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		b := newBucket(t)
		b.before = func(op string, req *http.Request) (*http.Response, error) {
			if op == "part 3" {
				cancel()
			}
			if op == "abort" || strings.HasPrefix(op, "part") {
				<-req.Context().Done()
				return nil, req.Context().Err()
			}
			return nil, nil
		}
		start := time.Now()
		_, err := b.uploader().Upload(ctx, contextOf("h", randomContent(8*testPart), 8*testPart))
		if !errors.Is(err, context.Canceled) || time.Since(start) > abortTimeout {
			t.Errorf("after %s: %v", time.Since(start), err)
		}
	})
}

// TestBounds checks how many contexts and parts are under way at once, and that memory is
// freed.
func TestBounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		var mu sync.Mutex
		parts, mostParts, contexts, mostContexts := 0, 0, map[string]int{}, 0
		b.before = func(op string, req *http.Request) (*http.Response, error) {
			isPart := strings.HasPrefix(op, "part") || op == "PUT"
			mu.Lock()
			if isPart {
				parts++
				mostParts = max(mostParts, parts)
			}
			contexts[req.URL.Path]++
			mostContexts = max(mostContexts, len(contexts))
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			if isPart {
				parts--
			}
			if contexts[req.URL.Path]--; contexts[req.URL.Path] == 0 {
				delete(contexts, req.URL.Path)
			}
			return nil, nil
		}
		u := b.uploader()
		data := randomContent(3*testPart + 1)
		want := map[string][]byte{}
		var all sync.WaitGroup
		for i := range 9 {
			hash := fmt.Sprint("h", i)
			size := len(data)
			if i%3 == 0 {
				size = 10
			}
			want[hash] = data[:size]
			all.Go(func() {
				if _, err := u.Upload(t.Context(), contextOf(hash, data[:size], int64(size))); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		b.expect(want)
		if mostParts > maxBuffers || mostParts < 2 || mostContexts > maxUploads || mostContexts < 2 || b.granted != 1 {
			t.Errorf("%d parts and %d contexts at once, %d accesses", mostParts, mostContexts, b.granted)
		}
		for range maxBuffers {
			if buffer := <-u.buffers.free; buffer != nil {
				t.Error("a buffer is kept")
			}
		}
	})
}

// TestSameContext uploads a context for several callers at once.
func TestSameContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		firstFails := true
		b.before = func(op string, _ *http.Request) (*http.Response, error) {
			time.Sleep(time.Second)
			b.mu.Lock()
			defer b.mu.Unlock()
			if op == "PUT" && firstFails {
				firstFails = false
				return refusal(403, "AccessDenied", ""), nil
			}
			return nil, nil
		}
		u := b.uploader()
		var mu sync.Mutex
		uploads, failures := 0, 0
		var all sync.WaitGroup
		for range 5 {
			all.Go(func() {
				uploaded, err := u.Upload(t.Context(), contextOf("h", []byte("x"), 1))
				mu.Lock()
				defer mu.Unlock()
				if uploaded {
					uploads++
				}
				if err != nil {
					failures++
				}
			})
		}
		all.Wait()
		if uploads != 1 || failures != 1 || b.count("PUT") != 2 || len(u.claims) != 0 {
			t.Errorf("%d uploads, %d failures, asked %v", uploads, failures, b.asked)
		}
	})
}

// TestReleasedBody reads a body after its request has ended, when its buffer is used for
// another part.
func TestReleasedBody(t *testing.T) {
	data := []byte("first part")
	counted := int64(0)
	b := newBody(data, &meter{total: 20, notify: func(sent, _ int64) { counted = sent }})
	r, _ := b.open()
	if n, err := io.ReadFull(r, make([]byte, 5)); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	b.release()
	copy(data, "other part")
	if n, err := r.Read(make([]byte, 5)); n != 0 || err == nil || errors.Is(err, io.EOF) || counted != 5 {
		t.Errorf("read %d bytes, counted %d: %v", n, counted, err)
	}
}
