package emulator

import (
	"net/http"

	"fleet/internal/emulator/storage"
	"fleet/internal/emulator/world"
)

// serveStorage serves a request to the object storage. The path is below its prefix.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request, path string) {
	payload, fault := storage.ReadPayload(r)
	var a storage.Response
	if fault == nil {
		a, fault = s.doStorage(r, path, payload)
	}
	if fault != nil {
		a = fault.Response(r.URL.Path)
	}
	response{status: a.Status, header: a.Header, body: a.Body}.write(w)
}

// doStorage executes one operation of the object storage and stores its result.
func (s *Server) doStorage(r *http.Request, path string, payload []byte) (storage.Response, *storage.Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(s.now())
	a, fault := s.storage.Do(r, path, payload, s.now())
	if fault != nil {
		return a, fault
	}
	if err := s.commit(); err != nil {
		return a, storage.InternalError(err)
	}
	return a, nil
}

// pushAccess returns temporary credentials for the object storage.
func (c *call) pushAccess() (reply, error) {
	opened := c.srv.storage.OpenSession(c.Now)
	body := map[string]string{
		"accessKey": opened.AccessKey, "secret": opened.Secret, "sessionToken": opened.Token,
		"storageUrl": c.origin + storage.Prefix, "organizationId": world.OrganizationID, "bucket": storage.Bucket,
	}
	if c.srv.opts.APIVersion != Version190 {
		body["region"] = storage.Region
	}
	return reply{status: success, body: body}, nil
}
