package transport_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"fleet/client/internal/transport"
)

func TestOtherOriginsAreNotSigned(t *testing.T) {
	for address, want := range map[string]bool{
		"https://daytona.test/api/x":      true,
		"http://daytona.test/api/x":       false,
		"https://daytona.test:444/api/x":  false,
		"https://daytona.test.evil/api/x": false,
	} {
		s := transport.Auth{Next: wire(func(req *http.Request) (*http.Response, error) {
			if got := req.Header.Get("Authorization") != ""; got != want {
				t.Errorf("%s: signed %t", address, got)
			}
			return answer(200, nil), nil
		}), Credentials: transport.Credentials{Key: testKey}, Origin: "https://daytona.test"}
		req := httptest.NewRequest(http.MethodGet, address, nil)
		res, err := s.RoundTrip(req)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
}
