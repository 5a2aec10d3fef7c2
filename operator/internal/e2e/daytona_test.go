package e2e_test

import (
	"net/http/httptest"
	"testing"

	"fleet/internal/emulator"
)

// apiKey is the API key of the Daytona.
const apiKey = "dtn_test"

// A daytona is an emulated Daytona.
type daytona struct{ URL string }

// newDaytona starts a Daytona, which ends with the test.
func newDaytona(t *testing.T, o emulator.Options) *daytona {
	t.Helper()
	o.Key, o.Control = apiKey, true
	e, err := emulator.New(o)
	must(t, err)
	server := httptest.NewServer(e)
	t.Cleanup(func() {
		_ = e.Close()
		server.Close()
	})
	return &daytona{server.URL + "/api"}
}
