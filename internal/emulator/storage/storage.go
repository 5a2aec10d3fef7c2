package storage

import (
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// Prefix is the path of the object storage on a server.
const Prefix = "/s3"

// Storage is the object storage of a server. Sessions and incomplete uploads end with
// it; the world stores objects. The caller holds the server's lock while it calls a
// method.
type Storage struct {
	world    *world.World
	sessions map[string]Session
	uploads  map[string]*upload
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

// Do executes one operation. The path is below Prefix: /bucket/key.
func (s *Storage) Do(r *http.Request, path string, payload []byte, now world.Instant) (Response, *Error) {
	if fault := s.authorize(r, payload, now); fault != nil {
		return Response{}, fault
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	key, err := url.PathUnescape(key)
	if err != nil || name != Bucket {
		return Response{}, newError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
	}
	q := r.URL.Query()
	switch {
	case key == "" && r.Method == http.MethodGet && q.Get("list-type") == "2":
		return s.listObjects(q)
	case !keyAllowed(key):
		return Response{}, newError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	case q.Has("uploadId") || q.Has("uploads"):
		return s.multipart(r.Method, key, q, payload)
	case r.Method == http.MethodPut:
		o, err := s.world.PutObject(key, payload)
		if err != nil {
			return Response{}, InternalError(err)
		}
		return etagResponse(o.ETag), nil
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return s.sendObject(key)
	}
	return Response{}, errMethod
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
	content, err := s.world.Store.Get(key)
	if err != nil {
		return Response{}, errNoKey
	}
	a := etagResponse(o.ETag)
	a.Body = content
	a.Header.Set("Content-Type", "application/octet-stream")
	a.Header.Set("Content-Length", strconv.Itoa(len(content)))
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
	Size                    int
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
