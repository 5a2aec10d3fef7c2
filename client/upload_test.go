package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"

	"fleet/client/internal/api"
)

const (
	testAccessKey = "AKIDEXAMPLE0123456789"
	testSecret    = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	testSession   = "FwoGZXIvYXdzEJr//////////wEaDEXAMPLE+token=="
)

// A store is an object storage that answers like S3.
type store struct {
	t      *testing.T
	region string // that requests have to be signed for

	refuse func(http.ResponseWriter, *http.Request) bool // before the body is read; nil refuses nothing

	mu      sync.Mutex
	access  StorageAccess // that the API grants
	objects map[string][]byte
	asked   []string
	answers []func(http.ResponseWriter) // for the next requests; nil means the usual answer
}

func newStore(t *testing.T, answers ...func(http.ResponseWriter)) *store {
	s := &store{t: t, region: "eu-1", objects: map[string][]byte{}, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.access = StorageAccess{
		URL: server.URL, Bucket: "contexts", Region: s.region, OrganizationID: "org-1",
		AccessKey: testAccessKey, Secret: testSecret, SessionToken: testSession,
	}
	return s
}

func (s *store) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.URL.Path == "/api/object-storage/push-access" {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(s.access)
		return
	}
	if s.refuse != nil && s.refuse(w, req) {
		return
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		s.t.Error(err)
	}
	s.checkSignature(req, body)
	if req.Header.Get("Authorization") == "Bearer "+testKey || strings.Contains(req.Header.Get("Authorization"), testSecret) {
		s.t.Errorf("a secret was sent: %v", req.Header)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked = append(s.asked, req.Method+" "+req.URL.RequestURI())
	if len(s.answers) > 0 {
		answer := s.answers[0]
		s.answers = s.answers[1:]
		if answer != nil {
			answer(w)
			return
		}
	}
	switch req.Method {
	case http.MethodHead:
		if s.objects[req.URL.Path] == nil {
			w.WriteHeader(http.StatusNotFound)
		}
	case http.MethodPut:
		if got := req.Header.Get("Content-Type"); got != "application/x-tar" {
			s.t.Errorf("content type %q", got)
		}
		s.objects[req.URL.Path] = body
	}
}

// checkSignature signs the request again, and compares the signatures.
func (s *store) checkSignature(req *http.Request, body []byte) {
	got := req.Header.Get("Authorization")
	_, list, _ := strings.Cut(got, "SignedHeaders=")
	list, _, _ = strings.Cut(list, ",")
	names := strings.Split(list, ";")
	for _, name := range []string{"host", "x-amz-content-sha256", "x-amz-date", "x-amz-security-token"} {
		if !slices.Contains(names, name) {
			s.t.Errorf("%s is not signed: %s", name, got)
		}
	}
	sum := sha256.Sum256(body)
	digest := hex.EncodeToString(sum[:])
	if req.Header.Get("X-Amz-Content-Sha256") != digest {
		s.t.Errorf("the digest is not that of the body of %s", req.Method)
	}
	when, err := time.Parse("20060102T150405Z", req.Header.Get("X-Amz-Date"))
	if err != nil {
		s.t.Error(err)
	}
	again := httptest.NewRequest(req.Method, "http://"+req.Host+req.URL.RequestURI(), bytes.NewReader(body))
	for _, name := range names {
		if value := req.Header.Get(name); value != "" && name != "content-length" {
			again.Header.Set(name, value)
		}
	}
	credentials := aws.Credentials{AccessKeyID: testAccessKey, SecretAccessKey: testSecret, SessionToken: testSession}
	err = v4.NewSigner().SignHTTP(req.Context(), credentials, again, digest, "s3", s.region, when,
		func(o *v4.SignerOptions) { o.DisableURIPathEscaping = true })
	if err != nil || again.Header.Get("Authorization") != got {
		s.t.Errorf("signed %q, want %q (%v)", got, again.Header.Get("Authorization"), err)
	}
}

// fault answers with an S3 error.
func fault(status int, code, message string) func(http.ResponseWriter) {
	return func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, `<?xml version="1.0" encoding="UTF-8"?>`+"\n<Error><Code>"+code+"</Code><Message>"+message+
			"</Message><AWSAccessKeyId>"+testAccessKey+"</AWSAccessKeyId></Error>")
	}
}

const contextText = "a tar, for all the storage knows"

func openContext() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(contextText)), nil }

// uploads returns a client of an API that grants access to the store, and its log.
func uploads(t *testing.T, s *store) (*Client, *strings.Builder) {
	t.Helper()
	log := &strings.Builder{}
	c, err := New(Config{
		URL: s.access.URL + "/api", Key: testKey,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, log
}

func upload(t *testing.T, c *Client) (bool, error) {
	t.Helper()
	return c.UploadContext(t.Context(), BuildContext{Hash: "0a1b", Size: int64(len(contextText)), Open: openContext})
}

func TestUploadContext(t *testing.T) {
	s := newStore(t)
	c, _ := uploads(t, s)
	var wait time.Duration
	for _, want := range []bool{true, false} {
		wait = c.Stats().Wait
		uploaded, err := upload(t, c)
		if uploaded != want || err != nil {
			t.Errorf("uploaded %t, want %t: %v", uploaded, want, err)
		}
	}
	const key = "/contexts/org-1/0a1b/context.tar"
	if got := string(s.objects[key]); got != contextText {
		t.Errorf("stored %q", got)
	}
	if want := []string{"HEAD " + key, "PUT " + key, "HEAD " + key}; !slices.Equal(s.asked, want) {
		t.Errorf("asked %v, want %v", s.asked, want)
	}
	if stats := c.Stats(); stats.Requests[RateStorage] != 3 || stats.Requests[RateGeneral] != 1 || stats.Wait != wait {
		t.Errorf("stats %+v", stats)
	}
}

func TestUploadWithDefaults(t *testing.T) {
	s := newStore(t)
	c, _ := uploads(t, s)
	s.region = "us-east-1"
	s.access.Region, s.access.Bucket = "", ""
	s.access.URL += "/below/" // a storage behind a proxy
	if _, err := upload(t, c); err != nil {
		t.Fatal(err)
	}
	if s.objects["/below/daytona-volume-builds/org-1/0a1b/context.tar"] == nil {
		t.Errorf("asked %v", s.asked)
	}
}

// TestUploadWithoutListing checks an access that may not list: the storage answers that
// a missing object is forbidden.
func TestUploadWithoutListing(t *testing.T) {
	s := newStore(t, fault(403, "AccessDenied", "Access Denied"))
	c, _ := uploads(t, s)
	if uploaded, err := upload(t, c); !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
}

func TestUploadIsRepeated(t *testing.T) {
	busy := fault(503, "SlowDown", "Please reduce your request rate.")
	broken := fault(500, "InternalError", "We encountered an internal error.")
	s := newStore(t, busy, nil, busy, broken, func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
	c, log := uploads(t, s)
	uploaded, err := upload(t, c)
	if !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
	if len(s.asked) != 6 || len(s.objects) != 1 {
		t.Errorf("asked %v", s.asked)
	}
	withoutSecrets(t, log.String())
}

// TestUploadIsRefusedEarly checks a storage that refuses a request without reading its
// body. The response is lost if the client is still sending.
func TestUploadIsRefusedEarly(t *testing.T) {
	s := newStore(t)
	s.refuse = func(w http.ResponseWriter, req *http.Request) bool {
		if req.Method != http.MethodPut {
			return false
		}
		if req.Header.Get("Expect") == "" {
			panic(http.ErrAbortHandler)
		}
		fault(403, "AccessDenied", "Access Denied")(w)
		return true
	}
	c, _ := uploads(t, s)
	if _, err := upload(t, c); ErrorClassOf(err) != Forbidden {
		t.Errorf("got %v", err)
	}
}

func TestUploadIsRefused(t *testing.T) {
	for name, test := range map[string]struct {
		answer func(http.ResponseWriter)
		class  ErrorClass
		text   string
	}{
		"denied":   {fault(403, "AccessDenied", "Access Denied"), Forbidden, "Access Denied (403); the access"},
		"expired":  {fault(400, "ExpiredToken", "The provided token has expired."), Forbidden, "has expired"},
		"unsigned": {fault(401, "AccessDenied", ""), Forbidden, "AccessDenied"},
		"echoed":   {fault(400, "InvalidArgument", "what is "+testSession+" and "+testSecret), BadRequest, "what is (hidden) and (hidden)"},
		"nowhere":  {fault(404, "NoSuchBucket", "The specified bucket does not exist"), NotFound, "bucket"},
		"limited": {func(w http.ResponseWriter) {
			w.Header().Set("Retry-After", "3600")
			w.WriteHeader(http.StatusTooManyRequests)
		}, RateLimited, "wait 1h0m0s"},
		"endless": {fault(400, "InvalidArgument", strings.Repeat("x", 10_000)), BadRequest, "xxx..."},
		"no XML":  {func(w http.ResponseWriter) { w.WriteHeader(http.StatusBadRequest) }, BadRequest, "bad request"},
		"web page": {func(w http.ResponseWriter) {
			w.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(w, "<html>log in")
		}, NotDaytona, "got a web page"},
		"elsewhere": {func(w http.ResponseWriter) {
			w.Header().Set("Location", "http://127.0.0.1:1/")
			w.WriteHeader(http.StatusMovedPermanently)
		}, NotDaytona, "moved permanently"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t, nil, test.answer, test.answer) // twice, if the access is renewed
			c, log := uploads(t, s)
			uploaded, err := upload(t, c)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Class != test.class || !strings.Contains(err.Error(), test.text) || len(err.Error()) > 2*api.MaxMessage {
				t.Errorf("uploaded %t: %v", uploaded, err)
			}
			withoutSecrets(t, err.Error()+log.String())
		})
	}
}

func TestInvalidUploads(t *testing.T) {
	s := newStore(t)
	c, _ := uploads(t, s)
	send := func(hash string, size int64, open func() (io.ReadCloser, error)) error {
		t.Helper()
		uploaded, err := c.UploadContext(t.Context(), BuildContext{Hash: hash, Size: size, Open: open})
		if uploaded || err == nil {
			t.Errorf("uploaded %t %q of %d bytes: %v", uploaded, hash, size, err)
		}
		return err
	}
	size := int64(len(contextText))
	gone := errors.New("the file is gone")
	if err := send("h", size, func() (io.ReadCloser, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	_ = send("h", 0, openContext)
	_ = send("h", size+1, openContext)
	_ = send("h", size-1, openContext)
	_ = send("h", MaxContextSize+1, openContext)
	_ = send("", size, openContext)
	_ = send("../h", size, openContext)
	if slices.ContainsFunc(s.asked, func(r string) bool { return !strings.HasPrefix(r, "HEAD") }) {
		t.Errorf("asked %v", s.asked)
	}
}

// TestInvalidAccess checks what an API may return for an access.
func TestInvalidAccess(t *testing.T) {
	valid := StorageAccess{URL: "https://store.test", OrganizationID: "o", AccessKey: testAccessKey, Secret: testSecret, SessionToken: testSession}
	for name, test := range map[string]struct {
		change func(*StorageAccess)
		text   string
	}{
		"no address":      {func(a *StorageAccess) { a.URL = "" }, "invalid address"},
		"no host":         {func(a *StorageAccess) { a.URL = "https:///x" }, "invalid address"},
		"user":            {func(a *StorageAccess) { a.URL = "https://me:" + testSecret + "@store.test" }, "invalid address"},
		"other scheme":    {func(a *StorageAccess) { a.URL = "ftp://store.test" }, "invalid address"},
		"not encrypted":   {func(a *StorageAccess) { a.URL = "http://store.test" }, "is not https"},
		"no organisation": {func(a *StorageAccess) { a.OrganizationID = "" }, "name of an object"},
		"path in bucket":  {func(a *StorageAccess) { a.Bucket = "a/b" }, "name of an object"},
	} {
		access := valid
		test.change(&access)
		c := over(t, func(req *http.Request) (*http.Response, error) {
			if req.URL.Host != "daytona.test" {
				t.Errorf("%s: sent to %s", name, req.URL.Host)
			}
			return answer(200, access), nil
		})
		_, err := upload(t, c)
		if err == nil || !strings.Contains(err.Error(), test.text) {
			t.Errorf("%s: %v", name, err)
			continue
		}
		withoutSecrets(t, err.Error())
	}
}

func TestUploadWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &strings.Builder{}
		access := StorageAccess{URL: "https://store.test", OrganizationID: "o", AccessKey: testAccessKey, Secret: testSecret, SessionToken: testSession}
		c := over(t, func(req *http.Request) (*http.Response, error) {
			if req.URL.Host == "daytona.test" {
				return answer(200, access), nil
			}
			return nil, errors.New("proxy says " + testSecret)
		}, func(c *Config) {
			c.Log = slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug}))
		})
		_, err := upload(t, c)
		if ErrorClassOf(err) != Unreachable || !strings.Contains(err.Error(), "store.test") {
			t.Errorf("got %v", err)
		}
		withoutSecrets(t, err.Error()+log.String())
	})
}

func withoutSecrets(t *testing.T, text string) {
	t.Helper()
	for _, secret := range []string{testKey, testAccessKey, testSecret, testSession, "Signature="} {
		if strings.Contains(text, secret) {
			t.Errorf("%q shows %q", text, secret)
		}
	}
}
