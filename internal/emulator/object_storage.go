package emulator

import (
	"io"
	"net/http"

	"fleet/internal/emulator/fault"
	"fleet/internal/emulator/storage"
	"fleet/internal/emulator/world"
)

// serveStorage serves a request to the object storage. The path is below its prefix.
func (s *Server) serveStorage(w http.ResponseWriter, r *http.Request, path string) {
	s.mu.Lock()
	injected := s.faults.TakeStorage(r.Method, r.URL.RequestURI())
	s.mu.Unlock()
	if injected != nil && injected.ReplacesEffect() {
		s.replaceStorage(injected, w, r)
		return
	}
	a, refused := s.doStorage(r, path)
	if refused != nil {
		drain(r)
		a = refused.Response(r.URL.Path)
	}
	if a.Stream != nil {
		defer a.Stream.Close()
	}
	reply := response{status: a.Status, header: a.Header, body: a.Body}
	if injected != nil {
		reply.writeCorrupted(injected, w)
		return
	}
	reply.write(w)
	if a.Stream != nil && r.Method != http.MethodHead {
		_, _ = io.Copy(w, a.Stream)
	}
}

// replaceStorage responds with a fault instead of executing the request.
func (s *Server) replaceStorage(d *fault.Disruption, w http.ResponseWriter, r *http.Request) {
	switch d.Kind {
	case fault.KindResetUpload:
		_, _ = io.CopyN(io.Discard, r.Body, d.Bytes)
		dropConnection(w)
	case fault.KindStatus:
		drain(r)
		for k, v := range d.Headers {
			w.Header().Set(k, v)
		}
		a := storage.Fault(d.Status, d.Code, d.Message).Response(r.URL.Path)
		response{status: a.Status, header: a.Header, body: a.Body}.write(w)
	default:
		s.writeReplacement(d, w, r, r.URL.Path)
	}
}

// maxDrain is how many bytes of a refused body are read. Clients that are still sending
// may not see the response if the connection is closed.
const maxDrain = 64 << 20

// drain reads the body of a refused request, unless the client waits for permission to
// send it.
func drain(r *http.Request) {
	if r.Header.Get("Expect") == "" {
		_, _ = io.CopyN(io.Discard, r.Body, maxDrain)
	}
}

// doStorage executes one operation of the object storage and stores its result. The body
// is received without the lock.
func (s *Server) doStorage(r *http.Request, path string) (storage.Response, *storage.Error) {
	s.mu.Lock()
	o, refused := s.storage.Begin(r, path, s.now())
	s.mu.Unlock()
	if refused != nil {
		return storage.Response{}, refused
	}
	if refused := o.Receive(r); refused != nil {
		return storage.Response{}, refused
	}
	defer o.Discard()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.world.Advance(s.now())
	a, refused := s.storage.Finish(o)
	if refused != nil {
		return a, refused
	}
	if err := s.commit(); err != nil {
		return a, storage.InternalError(err)
	}
	if err := s.storage.RemoveObsolete(); err != nil {
		return a, storage.InternalError(err)
	}
	return a, nil
}

// storedObjects is what the control endpoint returns of the object storage.
type storedObjects struct {
	Objects []*world.Object `json:"objects"`
	Uploads int             `json:"uploads"` // incomplete ones in parts
}

func (s *Server) storedObjects() storedObjects {
	return storedObjects{Objects: append([]*world.Object{}, s.world.ObjectsUnder("")...), Uploads: s.storage.Uploads()}
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
