package storage

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// accessOf returns the number of the access that signed a request.
func accessOf(req *http.Request) string {
	_, rest, _ := strings.Cut(req.Header.Get("Authorization"), "Credential=AKIA")
	id, _, _ := strings.Cut(rest, "/")
	return strings.TrimLeft(id, "0")
}

// TestRenewal checks that an access is used for most of its hour, and then renewed.
func TestRenewal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		var used []string
		b.before = func(op string, req *http.Request) (*http.Response, error) {
			if op == "PUT" {
				used = append(used, accessOf(req))
			}
			return nil, nil
		}
		u := b.uploader()
		for i := range 5 {
			if _, err := u.Upload(t.Context(), contextOf(fmt.Sprint("h", i), []byte("x"), 1)); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Minute)
		}
		if got := strings.Join(used, " "); got != "1 1 1 2 2" {
			t.Errorf("accesses %s", got)
		}
	})
}

// TestRenewalDuringUpload checks an upload that takes longer than the access is valid: no
// request uses one that has ended.
func TestRenewalDuringUpload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		var mu sync.Mutex
		granted := map[string]time.Time{}
		b.grant = func(context.Context) (Access, error) {
			mu.Lock()
			defer mu.Unlock()
			a := accessNumber(len(granted) + 1)
			granted[fmt.Sprint(len(granted)+1)] = time.Now()
			return a, nil
		}
		b.before = func(op string, req *http.Request) (*http.Response, error) {
			mu.Lock()
			if age := time.Since(granted[accessOf(req)]); age > accessTTL {
				t.Errorf("an access of %s was used", age)
			}
			mu.Unlock()
			if strings.HasPrefix(op, "part") {
				time.Sleep(5 * time.Minute)
			}
			return nil, nil
		}
		data := randomContent(80 * testPart)
		u := b.uploader()
		if _, err := u.Upload(t.Context(), contextOf("h", data, int64(len(data)))); err != nil {
			t.Fatal(err)
		}
		b.expect(map[string][]byte{"h": data})
		if len(granted) != 2 {
			t.Errorf("%d accesses", len(granted))
		}
	})
}

// TestExpiredAccess checks that one new access serves all requests whose access the
// storage refuses.
func TestExpiredAccess(t *testing.T) {
	for name, refuse := range map[string]func() *http.Response{
		"expired":    func() *http.Response { return refusal(400, CodeExpired, "The provided token has expired.") },
		"other code": func() *http.Response { return refusal(403, codeUnknownAccess, "") },
		"refresh":    func() *http.Response { return refusal(400, codeRefresh, "") },
	} {
		for _, ops := range []string{"HEAD", "PUT", "begin", "part", "complete"} {
			synctest.Test(t, func(t *testing.T) {
				b := newBucket(t)
				b.before = func(op string, req *http.Request) (*http.Response, error) {
					if op == "abort" {
						t.Error("aborted")
					}
					time.Sleep(time.Second) // so that several parts are refused at once
					if !strings.HasPrefix(op, ops) || accessOf(req) != "1" {
						return nil, nil
					}
					if op == "HEAD" {
						return respond(400, ""), nil // without a body
					}
					return refuse(), nil
				}
				data := randomContent(4 * testPart)
				if ops == "PUT" {
					data = data[:10]
				}
				c := contextOf("h", data, int64(len(data)))
				last := recordProgress(t, &c)
				if _, err := b.uploader().Upload(t.Context(), c); err != nil || *last != c.Size || b.granted != 2 {
					t.Errorf("%s for %s: progress %d, %d accesses: %v", name, ops, *last, b.granted, err)
				}
				b.expect(map[string][]byte{"h": data})
			})
		}
	}
}

// TestNewAccessIsRefused checks that a storage that refuses each access is not asked for
// ever.
func TestNewAccessIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		b.before = func(op string, _ *http.Request) (*http.Response, error) {
			if op == "PUT" {
				return refusal(400, CodeExpired, testSecret+" has expired, as has "+testToken), nil
			}
			return nil, nil
		}
		_, err := b.uploader().Upload(t.Context(), contextOf("h", []byte("x"), 1))
		e, ok := errors.AsType[*Error](err)
		if !ok || !e.RefusesAccess() || b.count("PUT") != 2 || b.granted != 2 {
			t.Errorf("asked %v, %d accesses: %v", b.asked, b.granted, err)
		}
		withoutSecrets(t, err.Error()+e.Message)
	})
}

// TestAPIFails checks that one request fails for all uploads that wait for it, and that
// the next upload asks again.
func TestAPIFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		down := errors.New("the API is down")
		b.grant = func(context.Context) (Access, error) {
			time.Sleep(time.Second)
			return Access{}, down
		}
		u := b.uploader()
		var all sync.WaitGroup
		for i := range maxUploads {
			all.Go(func() {
				if _, err := u.Upload(t.Context(), contextOf(fmt.Sprint("h", i), []byte("x"), 1)); !errors.Is(err, down) {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if b.granted != 1 || len(b.asked) != 0 {
			t.Errorf("%d requests to the API, asked %v", b.granted, b.asked)
		}
		b.grant = nil
		if _, err := u.Upload(t.Context(), contextOf("h", []byte("x"), 1)); err != nil || b.granted != 2 {
			t.Errorf("%d requests to the API: %v", b.granted, err)
		}
	})
}

// TestCancelledFetch checks that the end of the upload that requests the access does not
// end the others.
func TestCancelledFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBucket(t)
		b.grant = func(ctx context.Context) (Access, error) {
			select {
			case <-ctx.Done():
				return Access{}, fmt.Errorf("GET: %w", ctx.Err())
			case <-time.After(time.Minute):
				return accessNumber(1), nil
			}
		}
		u := b.uploader()
		ctx, cancel := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			if _, err := u.Upload(ctx, contextOf("first", []byte("x"), 1)); !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
		})
		synctest.Wait()
		for _, hash := range []string{"second", "third"} {
			all.Go(func() {
				if _, err := u.Upload(t.Context(), contextOf(hash, []byte("x"), 1)); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		cancel()
		all.Wait()
		b.expect(map[string][]byte{"second": []byte("x"), "third": []byte("x")})
		if b.granted != 2 {
			t.Errorf("%d requests to the API", b.granted)
		}
	})
}

// TestAccessIsNotPrinted checks the ways to print an access.
func TestAccessIsNotPrinted(t *testing.T) {
	a := accessNumber(7)
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("access", "access", a, "pointer", &a)
	slog.New(slog.NewTextHandler(&log, nil)).Info("access", "access", a, "pointer", &a)
	withoutSecrets(t, fmt.Sprintf("%v %+v %#v %s %q", a, a, a, a, a)+fmt.Sprint(a, &a)+log.String())
	var again Access
	text, err := json.Marshal(a) // as the server sends it
	if err == nil {
		err = json.Unmarshal(text, &again)
	}
	if err != nil || again != a {
		t.Errorf("%+v: %v", again, err)
	}
}

func withoutSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testSecret, testToken, "AKIA", "Signature="} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows %q", text, secret)
		}
	}
}
