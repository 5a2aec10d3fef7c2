package main

import (
	"bufio"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// TestUnsolicitedBytes: what a server sends after its response is no output of a command.
func TestUnsolicitedBytes(t *testing.T) {
	address := answerTooMuch(t)
	home := t.TempDir()
	if err := os.WriteFile(filepath.Join(home, "fleet.yaml"), []byte("version: 1\nname: demo\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "fleet", "plan")
	cmd.Dir = home
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "DAYTONA_API_URL=http://" + address + "/api", "DAYTONA_API_KEY=" + testKey}
	if out, err := cmd.CombinedOutput(); err != nil || strings.Contains(string(out), "Unsolicited") {
		t.Errorf("%v:\n%s", err, out)
	}
}

// answerTooMuch serves, until the test ends, empty lists that are followed by bytes that no
// request asked for. It returns the address.
func answerTooMuch(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	all.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() {
				defer conn.Close()
				if _, err := http.ReadRequest(bufio.NewReader(conn)); err == nil {
					const body = `{"items": []}`
					fmt.Fprintf(conn, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s\x1b[31mred", len(body), body)
				}
			})
		}
	})
	return listener.Addr().String()
}
