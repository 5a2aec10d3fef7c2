package storage

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

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
