package emulator

import (
	"bytes"
	"crypto/rand"
	"encoding/xml"
	"net/http"
	"net/url"
	"strconv"

	"fleet/internal/emulator/world"
)

// upload is a multipart upload that is not complete. It is lost when the
// emulator ends.
type upload struct {
	key   string
	parts map[int]part
}

type part struct {
	etag    string
	content []byte
}

// maxPart is the highest number of a part.
const maxPart = 10_000

// multipart carries out one operation of an upload in parts.
func (s *Server) multipart(method, key string, q url.Values, payload []byte) (response, *storageError) {
	if q.Has("uploads") && method == http.MethodPost {
		return s.beginUpload(key)
	}
	id := q.Get("uploadId")
	u := s.uploads[id]
	if u == nil || u.key != key {
		return response{}, newStorageError(http.StatusNotFound, "NoSuchUpload", "The specified multipart upload does not exist.")
	}
	switch method {
	case http.MethodPut:
		return u.put(q.Get("partNumber"), payload)
	case http.MethodPost:
		return s.completeUpload(id, u, payload)
	case http.MethodDelete:
		delete(s.uploads, id)
		return response{status: http.StatusNoContent}, nil
	}
	return response{}, errMethod
}

func (s *Server) beginUpload(key string) (response, *storageError) {
	id := rand.Text()
	s.uploads[id] = &upload{key: key, parts: map[int]part{}}
	return xmlResponse(http.StatusOK, struct {
		XMLName               xml.Name `xml:"InitiateMultipartUploadResult"`
		Bucket, Key, UploadId string   //nolint:revive // the name in the answer
	}{Bucket: bucket, Key: key, UploadId: id}), nil
}

func (u *upload) put(number string, content []byte) (response, *storageError) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > maxPart {
		return response{}, newStorageError(http.StatusBadRequest, "InvalidArgument", "Part number must be an integer between 1 and %d.", maxPart)
	}
	p := part{etag: `"` + world.DigestOf(string(content))[:32] + `"`, content: content}
	u.parts[n] = p
	return etagResponse(p.etag), nil
}

// completeUpload makes an object of the parts that the request names.
func (s *Server) completeUpload(id string, u *upload, payload []byte) (response, *storageError) {
	var order struct {
		Part []struct {
			PartNumber int
			ETag       string
		}
	}
	if err := xml.Unmarshal(payload, &order); err != nil || len(order.Part) == 0 {
		return response{}, newStorageError(http.StatusBadRequest, "MalformedXML", "The XML names no parts.")
	}
	var content bytes.Buffer
	last := 0
	for _, named := range order.Part {
		p, ok := u.parts[named.PartNumber]
		if !ok || unquote(named.ETag) != unquote(p.etag) {
			return response{}, newStorageError(http.StatusBadRequest, "InvalidPart", "Part %d was not uploaded with that ETag.", named.PartNumber)
		}
		if named.PartNumber <= last {
			return response{}, newStorageError(http.StatusBadRequest, "InvalidPartOrder", "The parts are not in ascending order.")
		}
		last = named.PartNumber
		content.Write(p.content)
	}
	if content.Len() > world.MaxObject {
		return response{}, newStorageError(http.StatusBadRequest, "EntityTooLarge", "The object is larger than %d bytes.", world.MaxObject)
	}
	o, fault := s.storeObject(u.key, content.Bytes())
	if fault != nil {
		return response{}, fault
	}
	delete(s.uploads, id)
	return xmlResponse(http.StatusOK, struct {
		XMLName           xml.Name `xml:"CompleteMultipartUploadResult"`
		Bucket, Key, ETag string
	}{Bucket: bucket, Key: u.key, ETag: o.ETag}), nil
}

func unquote(etag string) string {
	if s, err := strconv.Unquote(etag); err == nil {
		return s
	}
	return etag
}
