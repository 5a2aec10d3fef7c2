package organization_test

import (
	"context"
	"net"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"fleet/client"
	"fleet/internal/emulator"
	"fleet/operator/internal/organization"
)

// All connections to a server are opened with the dialer of the options.
func TestDial(t *testing.T) {
	e, err := emulator.New(emulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()
	defer e.Close()
	var dialed atomic.Int32
	registry := organization.NewRegistry(organization.Options{Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		dialed.Add(1)
		return new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())
	}})
	m := &member{}
	// The port is closed: only the dialer reaches the server.
	a, err := registry.Join(client.Config{URL: "http://127.0.0.1:1/api", Key: "dtn_test"}, m)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Leave(m)
	if _, err := a.Listing(t.Context(), 0, true); err != nil {
		t.Fatal(err)
	}
	if n := dialed.Load(); n < 2 {
		t.Errorf("%d connections, want one for requests and one for events", n)
	}
}
