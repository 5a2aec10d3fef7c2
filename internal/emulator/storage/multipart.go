package storage

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"

	"fleet/internal/emulator/world"
)

// upload is an incomplete multipart upload. It is lost when the emulator ends.
type upload struct {
	key   string
	parts map[int]part
}

type part struct {
	etag    string
	content []byte
}

// maxPart is the maximum number of a part.
const maxPart = 10_000

// multipart executes one operation of a multipart upload.
func (s *Storage) multipart(method, key string, q url.Values, payload []byte) (Response, *Error) {
	if q.Has("uploads") && method == http.MethodPost {
		return s.beginUpload(key)
	}
	id := q.Get("uploadId")
	u := s.uploads[id]
	if u == nil || u.key != key {
		return Response{}, newError(http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist.")
	}
	switch method {
	case http.MethodPut:
		return u.put(q.Get("partNumber"), payload)
	case http.MethodPost:
		return s.completeUpload(id, u, payload)
	case http.MethodDelete:
		delete(s.uploads, id)
		return Response{Status: http.StatusNoContent}, nil
	}
	return Response{}, errMethod
}

func (s *Storage) beginUpload(key string) (Response, *Error) {
	id := rand.Text()
	s.uploads[id] = &upload{key: key, parts: map[int]part{}}
	return xmlResponse(http.StatusOK, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string   //nolint:revive // the name in the answer
	}{Bucket: Bucket, Key: key, UploadId: id}), nil
}

func (u *upload) put(number string, content []byte) (Response, *Error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxPart {
		return Response{}, newError(http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and %d.", maxPart)
	}
	p := part{etag: `"` + world.DigestOf(string(content))[:32] + `"`, content: content}
	u.parts[n] = p
	return etagResponse(p.etag), nil
}

// completeUpload joins the parts that the request names.
func (s *Storage) completeUpload(id string, u *upload, payload []byte) (Response, *Error) {
	var order struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(payload, &order); err != nil || len(order.Part) == 0 {
		return Response{}, newError(http.StatusBadRequest, "MalformedXML", "The XML names no parts.")
	}
	var content bytes.Buffer
	last := 0
	for _, named := range order.Part {
		p, ok := u.parts[named.PartNumber]
		if !ok || unquote(named.ETag) != unquote(p.etag) {
			return Response{}, newError(http.StatusBadRequest, "InvalidPart", "Part %d was not uploaded with that ETag.", named.PartNumber)
		}
		if named.PartNumber <= last {
			return Response{}, newError(http.StatusBadRequest, "InvalidPartOrder", "The parts are not in ascending order.")
		}
		last = named.PartNumber
		content.Write(p.content)
	}
	if content.Len() > world.MaxObject {
		return Response{}, newError(http.StatusBadRequest, "EntityTooLarge", "The object is larger than %d bytes.", world.MaxObject)
	}
	o, err := s.world.PutObject(u.key, content.Bytes())
	if err != nil {
		return Response{}, InternalError(err)
	}
	delete(s.uploads, id)
	return xmlResponse(http.StatusOK, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: Bucket, Key: u.key, ETag: o.ETag}), nil
}

func unquote(etag string) string {
	if s, err := strconv.Unquote(etag); err == nil {
		return s
	}
	return etag
}
