package systemd

import (
	"net"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"
)

// listen returns a socket that stands for the one of systemd.
func listen(t *testing.T, name string) *net.UnixConn {
	t.Helper()
	c, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	t.Setenv("NOTIFY_SOCKET", name)
	return c
}

// received returns the next notification.
func received(t *testing.T, c *net.UnixConn) string {
	t.Helper()
	if err := c.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	b := make([]byte, 4096)
	n, err := c.Read(b)
	if err != nil {
		t.Fatal(err)
	}
	return string(b[:n])
}

func TestNotifications(t *testing.T) {
	names := map[string]string{"file": filepath.Join(t.TempDir(), "notify")}
	if runtime.GOOS == "linux" {
		names["abstract"] = "@fleet-test-" + filepath.Base(filepath.Dir(names["file"])) + filepath.Base(t.TempDir())
	}
	for form, name := range names {
		t.Run(form, func(t *testing.T) {
			c := listen(t, name)
			for _, test := range []struct {
				send func() error
				want string
			}{
				{Service{}.Ready, `^READY=1$`},
				{Service{}.Reloading, `^RELOADING=1\nMONOTONIC_USEC=[1-9]\d+$`},
				{Service{}.Stopping, `^STOPPING=1$`},
				{func() error { return Service{}.Status("in sync,\nREADY=1 \x1b[31m") }, `^STATUS=in sync, READY=1 \\x1b\[31m$`},
				{func() error { return Service{}.Status(strings.Repeat("ä", 9999)) }, `^STATUS=ä{256}$`},
			} {
				if err := test.send(); err != nil {
					t.Fatal(err)
				}
				if got := received(t, c); !regexp.MustCompile(test.want).MatchString(got) {
					t.Errorf("got %q, want %s", got, test.want)
				}
			}
		})
	}
}

func TestWithoutSystemd(t *testing.T) {
	t.Setenv("NOTIFY_SOCKET", "")
	if err := (Service{}).Ready(); err != nil {
		t.Error(err)
	}
	t.Setenv("NOTIFY_SOCKET", filepath.Join(t.TempDir(), "none"))
	if err := (Service{}).Ready(); err == nil {
		t.Error("a missing socket is no error")
	}
}
