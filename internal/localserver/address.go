package localserver

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"net/http"
	"os"
	"time"

	"github.com/google/renameio/v2/maybe"

	"fleet/internal/input"
)

// identityPath is where a server that is shared answers with its identity.
const identityPath = "/.fleet/identity"

const (
	maxAddress      = 4 << 10         // bytes of an address file
	identityTimeout = 2 * time.Second // for the answer of a server
)

// An address is the content of a file next to the state file: where the state is
// served, unless the process that wrote it has ended.
type address struct {
	Host  string `json:"host"`  // with the port
	ID    string `json:"id"`    // random; distinguishes the server from later ones on the same port
	Owner string `json:"owner"` // describes the process
}

// newID returns a random identity.
func newID() string { return rand.Text() }

// write replaces the address file. Only the user may read it.
func (a address) write(file string) error {
	text, err := json.Marshal(a)
	if err != nil {
		return err
	}
	return maybe.WriteFile(file, text, 0o600)
}

// remove removes the address file, unless it is that of another server.
func (a address) remove(file string) {
	if other, ok := readAddress(file); ok && other.ID == a.ID {
		_ = os.Remove(file) // a stale one does no harm
	}
}

// readAddress returns the content of an address file.
func readAddress(file string) (a address, ok bool) {
	text, err := input.ReadRegular(file, maxAddress)
	if err != nil || json.Unmarshal(text, &a) != nil {
		return address{}, false
	}
	return a, a.Host != "" && a.ID != ""
}

// isServed reports whether the server of the address answers.
func (a address) isServed(ctx context.Context, transport http.RoundTripper) bool {
	ctx, cancel := context.WithTimeout(ctx, identityTimeout)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+a.Host+identityPath, http.NoBody)
	if err != nil {
		return false
	}
	resp, err := transport.RoundTrip(req)
	if err != nil {
		return false
	}
	defer resp.Body.Close()
	return resp.StatusCode == http.StatusOK && resp.Header.Get(identityHeader) == a.ID
}

// identityHeader contains the identity.
const identityHeader = "Fleet-Identity"
