package kubetest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"sync"
	"testing"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// A Request is a request that the API server received, from its audit log.
type Request struct {
	User      string
	UserAgent string
	Verb      string // such as get, list, create, update, patch, delete
	URI       string

	Group       string
	Resource    string
	Subresource string
	Namespace   string
	Name        string // empty for lists, and for objects with a generated name

	Code int             // of the response; 0 if the server panicked
	Body json.RawMessage // of requests that write, except for Secrets and tokens

	Received  time.Time // before the request took effect
	Completed time.Time // after the request took effect
}

// Writes reports whether the request is one that changes something.
func (r Request) Writes() bool {
	return slices.Contains([]string{"create", "update", "patch", "delete", "deletecollection"}, r.Verb)
}

// Requests returns the requests for objects in the namespace of the test that the server
// answered, in the order of their Received. Requests that write and arrived less than 5
// seconds ago are waited for: one that takes longer is from a client that is frozen or cut off.
func (e *Env) Requests(t testing.TB) []Request {
	t.Helper()
	var found []Request
	Eventually(t, time.Minute, func() (err error) {
		found, err = e.server.audit.requests(e.Namespace)
		return err
	})
	return found
}

// An event is a line of the audit log.
type event struct {
	AuditID    string
	Stage      string
	Verb       string
	RequestURI string
	User       struct{ Username string }
	UserAgent  string
	ObjectRef  struct {
		APIGroup, Resource, Subresource, Namespace, Name string
	}
	ResponseStatus           struct{ Code int }
	RequestObject            json.RawMessage
	RequestReceivedTimestamp metav1.MicroTime
	StageTimestamp           metav1.MicroTime
}

// An auditLog is what was read of an audit log.
type auditLog struct {
	file string

	mu       sync.Mutex
	offset   int64
	open     map[string]Request   // that were received and not answered, by their id
	answered map[string][]Request // by namespace
}

// patience is how long a request that writes may be unanswered before it is left out.
const patience = 5 * time.Second

// requests returns the answered requests for a namespace. It returns an error while a request
// that writes is being answered.
func (l *auditLog) requests(namespace string) ([]Request, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.read(); err != nil {
		return nil, fmt.Errorf("the audit log: %w", err)
	}
	for _, r := range l.open {
		if r.Namespace == namespace && r.Writes() && time.Since(r.Received) < patience {
			return nil, fmt.Errorf("%s %s by %s is not answered", r.Verb, r.URI, r.User)
		}
	}
	found := slices.Clone(l.answered[namespace])
	slices.SortStableFunc(found, func(a, b Request) int { return a.Received.Compare(b.Received) })
	return found, nil
}

// read reads the lines that were added to the file.
func (l *auditLog) read() error {
	f, err := os.Open(l.file)
	if err != nil {
		return err
	}
	defer f.Close()
	text, err := io.ReadAll(io.NewSectionReader(f, l.offset, math.MaxInt64-l.offset))
	if err != nil {
		return err
	}
	for line := range bytes.Lines(text) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break // being written
		}
		var e event
		if err := json.Unmarshal(line, &e); err != nil {
			return err
		}
		l.offset += int64(len(line))
		switch e.Stage {
		case "RequestReceived":
			l.open[e.AuditID] = e.request()
		case "ResponseComplete", "Panic":
			delete(l.open, e.AuditID)
			l.answered[e.ObjectRef.Namespace] = append(l.answered[e.ObjectRef.Namespace], e.request())
		}
	}
	return nil
}

func (e event) request() Request {
	return Request{
		User: e.User.Username, UserAgent: e.UserAgent, Verb: e.Verb, URI: e.RequestURI,
		Group: e.ObjectRef.APIGroup, Resource: e.ObjectRef.Resource, Subresource: e.ObjectRef.Subresource,
		Namespace: e.ObjectRef.Namespace, Name: e.ObjectRef.Name,
		Code: e.ResponseStatus.Code, Body: e.RequestObject,
		Received: e.RequestReceivedTimestamp.Time, Completed: e.StageTimestamp.Time,
	}
}
