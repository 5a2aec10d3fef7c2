package storage

import (
	"cmp"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"fleet/internal/emulator/world"
)

// Prefix is the path of the object storage on a server.
const Prefix = "/s3"

// Storage is the object storage of a server. Sessions and incomplete uploads end with
// it; the world stores objects. The caller holds the server's lock while it calls a
// method; the body of a request is received without it, between Begin and Finish.
type Storage struct {
	world    *world.World
	sessions map[string]Session
	uploads  map[string]*upload
	obsolete []string // blobs to remove
}

// New returns a Storage for the objects of a world.
func New(w *world.World) *Storage {
	return &Storage{world: w, sessions: map[string]Session{}, uploads: map[string]*upload{}}
}

// A Response is an HTTP response of the storage.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Stream io.ReadCloser // the body, instead of Body; nil for none
}

// An Error is an error response of the storage.
type Error struct {
	status  int
	Code    string
	Message string
}

// InternalError returns the error if an object could not be stored.
func InternalError(cause error) *Error {
	return newError(http.StatusInternalServerError, "InternalError", "The object could not be stored: %v.", cause)
}

// defaultCodes are the codes of injected errors by their status.
var defaultCodes = map[int]string{
	http.StatusBadRequest: "InvalidRequest", http.StatusForbidden: "AccessDenied", http.StatusNotFound: "NoSuchKey",
	http.StatusInternalServerError: "InternalError", http.StatusServiceUnavailable: "SlowDown",
}

// Fault returns an injected error. An empty code or message, or a status of 0, has a
// default.
func Fault(status int, code, message string) *Error {
	status = cmp.Or(status, http.StatusServiceUnavailable)
	code = cmp.Or(code, defaultCodes[status], "ServiceError")
	return newError(status, code, "%s", cmp.Or(message, http.StatusText(status)))
}

func newError(status int, code, format string, args ...any) *Error {
	return &Error{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

var (
	errNoKey  = newError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")
	errMethod = newError(http.StatusMethodNotAllowed, "MethodNotAllowed", "The method is not allowed against this resource.")
)

// Response returns the error as the response to a request for a path.
func (e *Error) Response(path string) Response {
	return xmlResponse(e.status, struct {
		XMLName       xml.Name `xml:"Error"`
		Code, Message string
		Resource      string
	}{Code: e.Code, Message: e.Message, Resource: path})
}

// discard removes blobs once the change that replaced them is stored.
func (s *Storage) discard(names ...string) { s.obsolete = append(s.obsolete, names...) }

// RemoveObsolete removes the blobs that belong to nothing any more. The caller has stored
// the changes of the world.
func (s *Storage) RemoveObsolete() error {
	names := s.obsolete
	s.obsolete = nil
	return s.world.Store.Remove(names)
}

// etagResponse returns a success with only an ETag.
func etagResponse(etag string) Response {
	return Response{Status: http.StatusOK, Header: http.Header{"Etag": {etag}}}
}

// sendObject responds to GET, and to HEAD, for which net/http discards the body.
func (s *Storage) sendObject(key string) (Response, *Error) {
	o := s.world.Objects[key]
	if o == nil {
		return Response{}, errNoKey
	}
	content, err := s.world.Store.Open(o.Contents())
	if err != nil {
		return Response{}, errNoKey
	}
	a := etagResponse(o.ETag)
	a.Stream = content
	a.Header.Set("Content-Type", "application/octet-stream")
	a.Header.Set("Content-Length", strconv.FormatInt(o.Size, 10))
	a.Header.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	return a, nil
}

// listObjects is ListObjectsV2 without delimiters.
func (s *Storage) listObjects(q url.Values) (Response, *Error) {
	prefix := q.Get("prefix")
	if prefix != world.OrganizationID && !keyAllowed(prefix) {
		return Response{}, newError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	}
	limit := 1000
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n >= 0 {
		limit = min(n, limit)
	}
	after := q.Get("start-after")
	if token, err := base64.StdEncoding.DecodeString(q.Get("continuation-token")); err == nil && len(token) > 0 {
		after = string(token)
	}
	found := listing{Name: Bucket, Prefix: prefix, MaxKeys: limit}
	for _, o := range s.world.ObjectsUnder(prefix) {
		if o.Key <= after {
			continue
		}
		if len(found.Contents) == limit {
			found.IsTruncated = limit > 0
			break
		}
		found.Contents = append(found.Contents, listedObject{Key: o.Key, LastModified: o.Modified.String(), ETag: o.ETag, Size: o.Size, StorageClass: "STANDARD"})
	}
	if found.IsTruncated {
		found.NextContinuationToken = base64.StdEncoding.EncodeToString([]byte(found.Contents[limit-1].Key))
	}
	found.KeyCount = len(found.Contents)
	return xmlResponse(http.StatusOK, found), nil
}

type listing struct {
	XMLName               xml.Name `xml:"http://s3.amazonaws.com/doc/2006-03-01/ ListBucketResult"`
	Name, Prefix          string
	KeyCount, MaxKeys     int
	IsTruncated           bool
	NextContinuationToken string `xml:",omitempty"`
	Contents              []listedObject
}

type listedObject struct {
	Key, LastModified, ETag string
	Size                    int64
	StorageClass            string
}

func xmlResponse(status int, v any) Response {
	raw, err := xml.Marshal(v)
	if err != nil {
		status = http.StatusInternalServerError
	}
	body := append([]byte(xml.Header), raw...)
	return Response{Status: status, Body: body, Header: http.Header{
		"Content-Type": {"application/xml"}, "Content-Length": {strconv.Itoa(len(body))},
	}}
}
