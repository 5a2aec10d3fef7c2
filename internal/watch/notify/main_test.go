package notify

import (
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fleet/internal/journal"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// testSecret is the example of the Standard Webhooks specification.
const testSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

func testSecrets(t *testing.T, text string) []Secret {
	t.Helper()
	list, err := ParseSecrets(text)
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func newJournal() *journal.Journal {
	return journal.New(time.Now, journal.Head{
		Fleet: "shop", Environment: "prod", Server: "https://private.example/api", Organization: "org-private", Mode: "enforce",
	})
}

// pass records a pass.
func pass(j *journal.Journal, outcome journal.Outcome, reason string, done int) {
	j.Begin("file change: /home/private/fleet.yaml", "abc")
	j.End(func(p *journal.Pass) { p.Outcome, p.Reason, p.Done = outcome, reason, done })
}

// A received request of a webhook.
type received struct {
	at     time.Time
	header http.Header
	body   string
}

// A receiver answers requests in the process.
type receiver struct {
	mu       sync.Mutex
	statuses []int // of the next answers; then 204
	header   http.Header
	got      []received
}

func (r *receiver) RoundTrip(req *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.got = append(r.got, received{time.Now(), req.Header, string(body)})
	status := http.StatusNoContent
	if len(r.statuses) > 0 {
		status, r.statuses = r.statuses[0], r.statuses[1:]
	}
	if status == 0 {
		return nil, io.ErrUnexpectedEOF
	}
	return &http.Response{StatusCode: status, Header: r.header, Body: io.NopCloser(strings.NewReader("hello\x1b[31m")), Request: req}, nil
}

// requests returns what arrived so far.
func (r *receiver) requests() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.got
}

// bodies returns the bodies of what arrived so far.
func (r *receiver) bodies() []string {
	var list []string
	for _, q := range r.requests() {
		list = append(list, q.body)
	}
	return list
}
