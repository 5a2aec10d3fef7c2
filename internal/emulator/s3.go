package emulator

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

// storageError is an answer of the object storage that is not a success.
type storageError struct {
	status  int
	Code    string
	Message string
}

func newStorageError(status int, code, format string, args ...any) *storageError {
	return &storageError{status: status, Code: code, Message: fmt.Sprintf(format, args...)}
}

var errNoKey = newStorageError(http.StatusNotFound, "NoSuchKey", "The specified key does not exist.")

// serveStorage answers the part of S3 that uploads of build contexts use. The
// path is that below the endpoint: /bucket/key.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request, path string) {
	payload, fault := readPayload(r)
	var a response
	if fault == nil {
		a, fault = s.storage(r, path, payload)
	}
	if fault != nil {
		a = xmlResponse(fault.status, struct {
			XMLName       xml.Name `xml:"Error"`
			Code, Message string
			Resource      string
		}{Code: fault.Code, Message: fault.Message, Resource: r.URL.Path})
	}
	a.write(w)
}

// storage carries out one operation on the storage.
func (s *Server) storage(r *http.Request, path string, payload []byte) (response, *storageError) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(s.now())
	if fault := s.authorize(r, payload); fault != nil {
		return response{}, fault
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	key, err := url.PathUnescape(key)
	if err != nil || name != bucket {
		return response{}, newStorageError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
	}
	q := r.URL.Query()
	switch {
	case key == "" && r.Method == http.MethodGet && q.Get("list-type") == "2":
		return s.listObjects(q)
	case !keyAllowed(key):
		return response{}, newStorageError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	case q.Has("uploadId") || q.Has("uploads"):
		return s.multipart(r.Method, key, q, payload)
	case r.Method == http.MethodPut:
		o, fault := s.storeObject(key, payload)
		if fault != nil {
			return response{}, fault
		}
		return etagResponse(o.ETag), nil
	case r.Method == http.MethodGet || r.Method == http.MethodHead:
		return s.sendObject(key)
	}
	return response{}, errMethod
}

var errMethod = newStorageError(http.StatusMethodNotAllowed, "MethodNotAllowed", "The method is not allowed against this resource.")

// etagResponse is an answer that says no more than the ETag.
func etagResponse(etag string) response {
	return response{status: http.StatusOK, header: http.Header{"Etag": {etag}}}
}

// storeObject stores an object for good.
func (s *Server) storeObject(key string, content []byte) (*world.Object, *storageError) {
	o, err := s.world.PutObject(key, content)
	if err == nil {
		err = s.commit()
	}
	if err != nil {
		return nil, newStorageError(http.StatusInternalServerError, "InternalError", "The object could not be stored: %v.", err)
	}
	return o, nil
}

// sendObject answers GET and, as net/http drops the body, HEAD.
func (s *Server) sendObject(key string) (response, *storageError) {
	o := s.world.Objects[key]
	if o == nil {
		return response{}, errNoKey
	}
	content, err := s.world.Store.Get(key)
	if err != nil {
		return response{}, errNoKey
	}
	a := etagResponse(o.ETag)
	a.body = content
	a.header.Set("Content-Type", "application/octet-stream")
	a.header.Set("Content-Length", strconv.Itoa(len(content)))
	a.header.Set("Last-Modified", o.Modified.Format(http.TimeFormat))
	return a, nil
}

// listObjects answers ListObjectsV2; a delimiter is not known.
func (s *Server) listObjects(q url.Values) (response, *storageError) {
	prefix := q.Get("prefix")
	if prefix != world.OrganizationID && !keyAllowed(prefix) {
		return response{}, newStorageError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	}
	limit := 1000
	if n, err := strconv.Atoi(q.Get("max-keys")); err == nil && n >= 0 {
		limit = min(n, limit)
	}
	after := q.Get("start-after")
	if token, err := base64.StdEncoding.DecodeString(q.Get("continuation-token")); err == nil && len(token) > 0 {
		after = string(token)
	}
	found := listing{Name: bucket, Prefix: prefix, MaxKeys: limit}
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

func xmlResponse(status int, v any) response {
	raw, err := xml.Marshal(v)
	if err != nil {
		status = http.StatusInternalServerError
	}
	body := append([]byte(xml.Header), raw...)
	return response{status: status, body: body, header: http.Header{
		"Content-Type": {"application/xml"}, "Content-Length": {strconv.Itoa(len(body))},
	}}
}
