package storage

import (
	"net/http"
	"net/url"
	"strings"

	"fleet/internal/emulator/blob"
	"fleet/internal/emulator/world"
)

// An Operation is a request that the storage allows.
type Operation struct {
	method, key string
	query       url.Values
	store       *blob.Store
	text        []byte   // the body, if it is not the content of an object or a part
	content     received // the body otherwise
	stored      bool     // whether an object or an upload has the content
}

// Begin verifies a request by its head. The path is below Prefix: /bucket/key.
func (s *Storage) Begin(r *http.Request, path string, now world.Instant) (*Operation, *Error) {
	if fault := s.authorize(r, now); fault != nil {
		return nil, fault
	}
	name, key, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	key, err := url.PathUnescape(key)
	if err != nil || name != Bucket {
		return nil, newError(http.StatusNotFound, "NoSuchBucket", "The specified bucket does not exist.")
	}
	o := &Operation{method: r.Method, key: key, query: r.URL.Query(), store: s.world.Store}
	switch {
	case o.isList():
		return o, nil
	case !keyAllowed(key):
		return nil, newError(http.StatusForbidden, "AccessDenied", "Access Denied.")
	case o.query.Has("uploadId"):
		if _, fault := s.findUpload(key, o.query); fault != nil {
			return nil, fault
		}
	}
	return o, nil
}

func (o *Operation) isList() bool {
	return o.key == "" && o.method == http.MethodGet && o.query.Get("list-type") == "2"
}

func (o *Operation) isMultipart() bool { return o.query.Has("uploadId") || o.query.Has("uploads") }

// Receive reads the body of the request. The caller does not need the server's lock. After
// a success it has to call Finish or Discard.
func (o *Operation) Receive(r *http.Request) (fault *Error) {
	if o.method != http.MethodPut {
		o.text, fault = readText(r)
		return fault
	}
	if o.isMultipart() {
		if _, fault := partNumber(o.query); fault != nil {
			return fault
		}
	}
	o.content, fault = receive(r, o.store, o.isMultipart())
	return fault
}

// Discard removes the body, unless it has become part of an object or an upload.
func (o *Operation) Discard() {
	if o.content.blob != "" && !o.stored {
		_ = o.store.Remove([]string{o.content.blob})
	}
}

// Finish executes an operation whose body was received. Nothing of it happens if the
// storage was reset in between.
func (s *Storage) Finish(o *Operation) (Response, *Error) {
	switch {
	case o.store != s.world.Store:
		return Response{}, newError(http.StatusServiceUnavailable, "ServiceUnavailable", "The storage was reset.")
	case o.isList():
		return s.listObjects(o.query)
	case o.isMultipart():
		return s.multipart(o)
	case o.method == http.MethodPut:
		o.stored = true
		s.discard(s.world.PutObject(&world.Object{
			Key: o.key, Size: o.content.size, ETag: o.content.etag(), Blobs: []string{o.content.blob},
		})...)
		return etagResponse(o.content.etag()), nil
	case o.method == http.MethodGet || o.method == http.MethodHead:
		return s.sendObject(o.key)
	}
	return Response{}, errMethod
}
