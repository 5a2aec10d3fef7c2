package storage

import (
	"crypto/md5"
	"crypto/rand"
	"encoding/hex"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"fleet/internal/emulator/world"
)

// upload is an incomplete multipart upload. It is lost when the emulator ends.
type upload struct {
	key   string
	parts map[int]received
}

const (
	maxPart     = 10_000  // number of a part
	minPartSize = 5 << 20 // bytes of a part, except the last one
)

// partNumber returns the number of a part in a request.
func partNumber(q url.Values) (int, *Error) {
	n, err := strconv.Atoi(q.Get("partNumber"))
	if err != nil || n < 1 || n > maxPart {
		return 0, newError(http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and %d.", maxPart)
	}
	return n, nil
}

// findUpload returns the upload that a request names.
func (s *Storage) findUpload(key string, q url.Values) (*upload, *Error) {
	u := s.uploads[q.Get("uploadId")]
	if u == nil || u.key != key {
		return nil, newError(http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist.")
	}
	return u, nil
}

// Uploads returns the number of incomplete multipart uploads.
func (s *Storage) Uploads() int { return len(s.uploads) }

// multipart executes one operation of a multipart upload.
func (s *Storage) multipart(o *Operation) (Response, *Error) {
	if o.query.Has("uploads") && o.method == http.MethodPost {
		return s.beginUpload(o.key)
	}
	u, fault := s.findUpload(o.key, o.query)
	if fault != nil {
		return Response{}, fault
	}
	switch o.method {
	case http.MethodPut:
		return s.putPart(u, o)
	case http.MethodPost:
		return s.completeUpload(u, o)
	case http.MethodDelete:
		s.endUpload(u, o)
		return Response{Status: http.StatusNoContent}, nil
	}
	return Response{}, errMethod
}

func (s *Storage) beginUpload(key string) (Response, *Error) {
	id := rand.Text()
	s.uploads[id] = &upload{key: key, parts: map[int]received{}}
	return xmlResponse(http.StatusOK, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string   //nolint:revive // the name in the answer
	}{Bucket: Bucket, Key: key, UploadId: id}), nil
}

// putPart stores a part, or replaces the one with its number.
func (s *Storage) putPart(u *upload, o *Operation) (Response, *Error) {
	n, fault := partNumber(o.query)
	if fault != nil {
		return Response{}, fault
	}
	if old, ok := u.parts[n]; ok {
		s.discard(old.blob)
	}
	u.parts[n] = o.content
	o.stored = true
	return etagResponse(o.content.etag()), nil
}

// endUpload forgets an upload, and discards the parts that no object has.
func (s *Storage) endUpload(u *upload, o *Operation) {
	for _, p := range u.parts {
		s.discard(p.blob)
	}
	delete(s.uploads, o.query.Get("uploadId"))
}

// completeUpload joins the parts that the request names.
func (s *Storage) completeUpload(u *upload, o *Operation) (Response, *Error) {
	object, numbers, fault := u.join(o.text)
	if fault != nil {
		return Response{}, fault
	}
	if limit := s.world.Store.Limit(); object.Size > limit {
		return Response{}, newError(http.StatusBadRequest, "EntityTooLarge", "The object is larger than %d bytes.", limit)
	}
	s.discard(s.world.PutObject(object)...)
	for _, n := range numbers {
		delete(u.parts, n)
	}
	s.endUpload(u, o)
	return xmlResponse(http.StatusOK, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: Bucket, Key: u.key, ETag: object.ETag}), nil
}

// join returns the object of the parts that a request lists, and their numbers.
func (u *upload) join(list []byte) (*world.Object, []int, *Error) {
	var order struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(list, &order); err != nil || len(order.Part) == 0 {
		return nil, nil, newError(http.StatusBadRequest, "MalformedXML", "The XML names no parts.")
	}
	for i, named := range order.Part[1:] {
		if named.PartNumber <= order.Part[i].PartNumber {
			return nil, nil, newError(http.StatusBadRequest, "InvalidPartOrder", "The parts are not in ascending order.")
		}
	}
	object := &world.Object{Key: u.key}
	var numbers []int
	sum := md5.New() // of the digests of the parts, as in S3
	for i, named := range order.Part {
		p, ok := u.parts[named.PartNumber]
		switch {
		case !ok || strings.Trim(named.ETag, `"`) != strings.Trim(p.etag(), `"`):
			return nil, nil, newError(http.StatusBadRequest, "InvalidPart", "Part %d was not uploaded with that ETag.", named.PartNumber)
		case i < len(order.Part)-1 && p.size < minPartSize:
			return nil, nil, newError(http.StatusBadRequest, "EntityTooSmall", "Part %d has %d bytes; each part but the last needs %d.", named.PartNumber, p.size, minPartSize)
		}
		numbers = append(numbers, named.PartNumber)
		object.Blobs = append(object.Blobs, p.blob)
		object.Size += p.size
		sum.Write(p.digest)
	}
	object.ETag = fmt.Sprintf(`"%s-%d"`, hex.EncodeToString(sum.Sum(nil)), len(numbers))
	return object, numbers, nil
}
