package client

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
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

	mu      sync.Mutex
	objects map[string][]byte
	asked   []string
	answers []func(http.ResponseWriter) // for the next requests; nil means the usual answer
}

func newStore(t *testing.T, answers ...func(http.ResponseWriter)) (*store, StorageAccess) {
	s := &store{t: t, region: "eu-1", objects: map[string][]byte{}, answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, StorageAccess{
		URL: server.URL, Bucket: "contexts", Region: s.region, OrganizationID: "org-1",
		AccessKey: testAccessKey, Secret: testSecret, SessionToken: testSession,
	}
}

func (s *store) ServeHTTP(w http.ResponseWriter, req *http.Request) {
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

// uploads returns a client without an API, and its log.
func uploads(t *testing.T) (*Client, *strings.Builder) {
	t.Helper()
	log := &strings.Builder{}
	c, err := New(Config{
		URL: "http://127.0.0.1:1/api", Key: testKey,
		Log: slog.New(slog.NewTextHandler(log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c, log
}

func upload(t *testing.T, c *Client, access StorageAccess) (bool, error) {
	t.Helper()
	return c.UploadContext(t.Context(), access, "0a1b", int64(len(contextText)), openContext)
}

func TestUploadContext(t *testing.T) {
	s, access := newStore(t)
	c, _ := uploads(t)
	for _, want := range []bool{true, false} {
		uploaded, err := upload(t, c, access)
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
	if stats := c.Stats(); stats.Requests[RateStorage] != 3 || stats.Wait != 0 {
		t.Errorf("stats %+v", stats)
	}
}

func TestUploadWithDefaults(t *testing.T) {
	s, access := newStore(t)
	s.region = "us-east-1"
	access.Region, access.Bucket = "", ""
	access.URL += "/below/" // a storage behind a proxy
	c, _ := uploads(t)
	if _, err := upload(t, c, access); err != nil {
		t.Fatal(err)
	}
	if s.objects["/below/daytona-volume-builds/org-1/0a1b/context.tar"] == nil {
		t.Errorf("asked %v", s.asked)
	}
}

// TestUploadWithoutListing checks an access that may not list: the storage answers that
// a missing object is forbidden.
func TestUploadWithoutListing(t *testing.T) {
	_, access := newStore(t, fault(403, "AccessDenied", "Access Denied"))
	c, _ := uploads(t)
	if uploaded, err := upload(t, c, access); !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
}

func TestUploadIsRepeated(t *testing.T) {
	busy := fault(503, "SlowDown", "Please reduce your request rate.")
	broken := fault(500, "InternalError", "We encountered an internal error.")
	s, access := newStore(t, busy, nil, busy, broken, func(http.ResponseWriter) { panic(http.ErrAbortHandler) })
	c, log := uploads(t)
	uploaded, err := upload(t, c, access)
	if !uploaded || err != nil {
		t.Errorf("uploaded %t: %v", uploaded, err)
	}
	if len(s.asked) != 6 || len(s.objects) != 1 {
		t.Errorf("asked %v", s.asked)
	}
	withoutSecrets(t, log.String())
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
			_, access := newStore(t, nil, test.answer)
			c, log := uploads(t)
			uploaded, err := upload(t, c, access)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Class != test.class || !strings.Contains(err.Error(), test.text) || len(err.Error()) > 2*api.MaxMessage {
				t.Errorf("uploaded %t: %v", uploaded, err)
			}
			withoutSecrets(t, err.Error()+log.String())
		})
	}
}

func TestInvalidUploads(t *testing.T) {
	s, access := newStore(t)
	c, _ := uploads(t)
	send := func(a StorageAccess, hash string, size int64, open func() (io.ReadCloser, error)) error {
		uploaded, err := c.UploadContext(t.Context(), a, hash, size, open)
		if uploaded && err == nil {
			t.Errorf("uploaded %q of %d bytes", hash, size)
		}
		return err
	}
	size := int64(len(contextText))
	gone := errors.New("the file is gone")
	if err := send(access, "h", size, func() (io.ReadCloser, error) { return nil, gone }); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
	for _, err := range []error{
		send(access, "h", 0, openContext), send(access, "h", size+1, openContext), send(access, "", size, openContext),
		send(access, "../h", size, openContext), send(StorageAccess{OrganizationID: "o"}, "h", size, openContext),
	} {
		if err == nil {
			t.Error("no error")
		}
	}
	if slices.ContainsFunc(s.asked, func(r string) bool { return strings.HasPrefix(r, "PUT") }) {
		t.Errorf("asked %v", s.asked)
	}
	careful := over(t, nil) // its API is encrypted
	if _, err := upload(t, careful, access); err == nil || !strings.Contains(err.Error(), "is not https") {
		t.Errorf("got %v", err)
	}
}

func TestUploadWithoutNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, log := uploads(t)
		c.network = wire(func(*http.Request) (*http.Response, error) { return nil, errors.New("proxy says " + testSecret) })
		access := StorageAccess{URL: "http://store.test", OrganizationID: "o", AccessKey: testAccessKey, Secret: testSecret, SessionToken: testSession}
		_, err := upload(t, c, access)
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
