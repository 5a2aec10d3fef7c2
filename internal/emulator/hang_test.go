package emulator

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// TestHangEndsWithClient: a request that hangs ends with its client, also if the client has
// not sent the whole body.
func TestHangEndsWithClient(t *testing.T) {
	for name, sent := range map[string]int{"no body": 0, "a part": 1 << 20, "all": 4 << 20} {
		t.Run(name, func(t *testing.T) {
			srv, err := New(Options{Faults: []string{"hang PUT /s3"}})
			if err != nil {
				t.Fatal(err)
			}
			defer srv.Close()
			arrived, ended := make(chan struct{}), make(chan struct{})
			web := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				close(arrived)
				defer close(ended)
				srv.ServeHTTP(w, r)
			}))
			client, err := net.Dial("tcp", web.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			fmt.Fprintf(client, "PUT /s3/a HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n", 4<<20)
			<-arrived
			if _, err := io.CopyN(client, zeros{}, int64(sent)); err != nil {
				t.Fatal(err)
			}
			client.Close()
			select {
			case <-ended:
				web.Close()
			case <-time.After(30 * time.Second):
				t.Fatal("the request still hangs")
			}
		})
	}
}

// zeros is an endless stream.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
