package storage

import (
	"cmp"
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"fleet/client/internal/api"
	"fleet/client/internal/transport"
)

const (
	defaultBucket = "daytona-volume-builds" // if the server does not report it
	minPartRate   = 16 << 10                // bytes a second; a slower attempt times out

	// callTimeout is the time of an attempt without a body, and partTimeout that of one
	// with a part.
	callTimeout = transport.AttemptTimeout
	partTimeout = callTimeout + partSize/minPartRate*time.Second
)

// A session sends requests with one access.
type session struct {
	base    *url.URL // of the objects of the organisation
	since   time.Time
	version string
	redact  api.Redactor
	quick   *http.Client // for requests without a body
	slow    *http.Client // for parts, and for completing an object, which may take the storage long
}

// newSession returns a session, or an error if the access cannot be used.
func newSession(access Access, o Options) (*session, error) {
	bucket := cmp.Or(access.Bucket, defaultBucket)
	for _, element := range []string{bucket, access.OrganizationID} {
		if !safeElement.MatchString(element) {
			return nil, errors.New("uploading a build context: " + strconv.Quote(element) + " cannot be part of the name of an object")
		}
	}
	u, err := url.Parse(access.URL)
	switch {
	case err != nil, u.User != nil, u.Host == "", u.Scheme != "http" && u.Scheme != "https":
		return nil, errors.New("uploading a build context: the server returned an invalid address of its object storage")
	case o.Encrypted && u.Scheme != "https":
		return nil, errors.New("uploading a build context: the address of the object storage is not https")
	}
	redact := api.NewRedactor(append([]string{access.AccessKey, access.Secret, access.SessionToken}, o.Secrets...)...)
	sign := func(next http.RoundTripper) http.RoundTripper { return signing{next, access} }
	sender := func(timeout time.Duration) *http.Client {
		return &http.Client{Transport: o.Chain(timeout, redact, sign), CheckRedirect: transport.RefuseRedirect}
	}
	return &session{
		base: u.JoinPath(bucket, access.OrganizationID), version: o.Version, redact: redact,
		quick: sender(callTimeout), slow: sender(partTimeout),
	}, nil
}

// A request is a request to the storage before it has an access.
type request struct {
	method      string
	hash        string // of the context
	query       url.Values
	contentType string
	body        *body // nil for none
	expected    []int // statuses that are no errors, besides the successes
}

// A response is a success, or has an expected status.
type response struct {
	status int
	header http.Header
	body   []byte
}

// send sends a request. The error is an *Error, or that of ctx.
func (s *session) send(ctx context.Context, r request) (response, error) {
	req, err := s.build(ctx, r)
	if err != nil {
		return response{}, err
	}
	client := s.quick
	if r.body != nil {
		client = s.slow
	}
	res, err := client.Do(req)
	if err != nil {
		return response{}, s.networkError(req, err)
	}
	defer res.Body.Close()
	data := transport.ReadBody(res.Body)
	return response{res.StatusCode, res.Header, data}, s.statusError(req, res, data, r.expected)
}

func (s *session) build(ctx context.Context, r request) (*http.Request, error) {
	ctx = api.WithCall(ctx, api.Call{Route: api.Route{Class: api.RateStorage}})
	address := s.base.JoinPath(r.hash, contextFile)
	address.RawQuery = r.query.Encode()
	req, err := http.NewRequestWithContext(ctx, r.method, address.String(), nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", transport.UserAgent(s.version))
	req.Header.Set(headerDigest, emptyDigest)
	if r.contentType != "" {
		req.Header.Set("Content-Type", r.contentType)
	}
	if r.body != nil {
		req.Header.Set(headerDigest, r.body.digest)
		req.ContentLength = r.body.size
		req.GetBody = func() (io.ReadCloser, error) { return r.body.open() } // for each attempt
	}
	return req, nil
}

// networkError returns the error of a request without a response. If the context ended,
// that is the reason.
func (s *session) networkError(req *http.Request, err error) error {
	if done := req.Context().Err(); done != nil {
		return done
	}
	if outer, ok := errors.AsType[*url.Error](err); ok {
		err = outer.Err // the outer text repeats the URL
	}
	e := s.newError(req, err.Error())
	if e.Cause = s.redact.Err(err); isContextError(e.Cause) { // a timeout of the network, not of the caller
		e.Cause = nil
	}
	return e
}

// statusError returns the error of a response, or nil for a success and for an expected
// status. A success may have an error for its body: the storage sends the status before
// it completes an object.
func (s *session) statusError(req *http.Request, res *http.Response, body []byte, expected []int) error {
	media, _, _ := mime.ParseMediaType(res.Header.Get("Content-Type"))
	page := media == "text/html" && res.StatusCode < 500
	found := parseFault(body)
	if !page && (isSuccess(res.StatusCode) && found.Code == "" || slices.Contains(expected, res.StatusCode)) {
		return nil
	}
	e := s.newError(req, found.Message)
	e.Status, e.Page = res.StatusCode, page
	e.Code = api.OneLine(s.redact.Text(found.Code))
	e.RequestID = api.OneLine(s.redact.Text(cmp.Or(res.Header.Get("X-Amz-Request-Id"), api.RequestID(res.Header))))
	e.RetryAfter, _ = api.RetryAfter(res.Header, time.Now())
	return e
}

// newError returns an error with a text from outside.
func (s *session) newError(req *http.Request, message string) *Error {
	return &Error{
		Method: req.Method, Path: s.redact.Text(req.URL.EscapedPath()), Host: req.URL.Host,
		Message: api.OneLine(s.redact.Text(message)),
	}
}
