package emulator

import (
	"io"
	"net"
	"net/http"
	"strconv"

	"fleet/internal/emulator/fault"
	"fleet/internal/emulator/world"
)

// applyFaults activates the faults of the options. The caller holds the lock, or is
// New.
func (s *Server) applyFaults() error {
	for _, text := range s.opts.Faults {
		f, err := fault.Parse(text)
		if err != nil {
			return err
		}
		if f.Disruption.Kind != "" {
			s.faults.Add(&f.Disruption)
			continue
		}
		if err := s.world.Override(f.Fields, f.Set); err != nil {
			return err
		}
	}
	return nil
}

// writeReplacement responds with a fault instead of executing the request, and returns
// the status that the client received.
func (s *Server) writeReplacement(d *fault.Disruption, w http.ResponseWriter, r *http.Request, full string) int {
	status := d.Status
	switch d.Kind {
	case fault.KindHang:
		// The end of a connection is noticed only while its body is read, and after that.
		if _, err := io.Copy(io.Discard, r.Body); err == nil {
			select {
			case <-r.Context().Done():
			case <-s.closed:
			}
		}
		dropConnection(w)
		return 0
	case fault.KindResetBefore, fault.KindResetUpload:
		dropConnection(w)
		return 0
	}
	for k, v := range d.Headers {
		w.Header().Set(k, v)
	}
	if d.Kind == fault.KindHTML {
		if status == 0 {
			status = http.StatusOK
		}
		page(w, status, "Proxy", d.Message)
		return status
	}
	if status == 0 {
		status = http.StatusServiceUnavailable
	}
	message := d.Message
	if message == "" {
		message = http.StatusText(status)
	}
	s.mu.Lock()
	a := response{header: http.Header{}}.json(status, world.ErrorBody{
		Path: full, Timestamp: s.now(), StatusCode: status, Error: http.StatusText(status), Message: message,
	})
	s.mu.Unlock()
	a.header.Set("X-Daytona-Api-Version", s.opts.APIVersion)
	a.write(w)
	return status
}

// writeCorrupted sends the part of a response that the fault does not suppress.
func (a response) writeCorrupted(d *fault.Disruption, w http.ResponseWriter) {
	if d.Kind == fault.KindTruncate {
		half := a
		half.body = a.body[:len(a.body)/2]
		half.header = a.header.Clone()
		half.header.Set("Content-Length", strconv.Itoa(len(a.body)+1))
		half.write(w)
		_ = http.NewResponseController(w).Flush()
	}
	dropConnection(w)
}

// dropConnection closes the connection without sending more. In-process callers have
// no connection; for them it aborts the handler as net/http does.
func dropConnection(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}
	_ = conn.Close()
}
