package client

import (
	"context"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"

	"fleet/internal/emulator"

	"golang.org/x/net/http/httpproxy"
)

// tunnel is a proxy that connects clients with one server, regardless of the one that
// they name. The connections last until one end is closed.
type tunnel struct {
	server  string
	used    atomic.Int32
	running sync.WaitGroup
}

func (p *tunnel) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		w.WriteHeader(http.StatusMethodNotAllowed)
		return
	}
	p.used.Add(1)
	far, err := net.Dial("tcp", p.server)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n")
	copyAll := func(to, from net.Conn) {
		_, _ = io.Copy(to, from)
		_ = to.Close()
	}
	p.running.Go(func() { copyAll(near, far) })
	p.running.Go(func() { copyAll(far, near) })
}

// TestEventsNetwork: the connection for events passes the proxy of the configuration, and
// trusts its CA, also if the server prefers HTTP/2, which has no WebSockets here.
func TestEventsNetwork(t *testing.T) {
	server, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewUnstartedServer(server)
	web.EnableHTTP2 = true
	web.StartTLS()
	proxy := tunnel{server: web.Listener.Addr().String()}
	proxyServer := httptest.NewServer(&proxy)
	defer proxyServer.Close()
	defer proxy.running.Wait()
	defer web.Close()
	defer server.Close()

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: web.Certificate().Raw})
	for name, config := range map[string]Config{
		"direct": {URL: web.URL + "/api", Proxy: &httpproxy.Config{}},
		"proxy":  {URL: "https://example.com/api", Proxy: &httpproxy.Config{HTTPSProxy: proxyServer.URL}},
	} {
		t.Run(name, func(t *testing.T) {
			config.Key, config.CAFile, config.CA = testKey, "ca.pem", ca
			c, err := New(config)
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			ctx, cancel := context.WithCancel(t.Context())
			r := receive(ctx, t, c)
			s, err := c.CreateSandbox(ctx, map[string]any{"name": name})
			if err != nil {
				t.Fatal(err)
			}
			if e := <-r.events; e.Kind != SandboxCreated || e.ID != s.ID {
				t.Errorf("got %+v", e)
			}
			cancel()
			<-r.err
		})
	}
	if proxy.used.Load() == 0 {
		t.Error("the proxy was not used")
	}
	c, err := New(Config{URL: web.URL + "/api", Key: testKey, Proxy: &httpproxy.Config{}})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Events(t.Context()); ErrorClassOf(err) != Unreachable {
		t.Errorf("without the CA: %v", err)
	}
}
