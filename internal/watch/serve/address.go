package serve

import (
	"fmt"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// An address is a TCP address to listen on.
type address struct {
	host     string // a name, an IP address, or empty for all
	loopback bool   // only this machine can reach it
}

// parseAddress parses the value of --listen.
func parseAddress(text string) (address, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return address{}, fmt.Errorf("--listen %q: must be HOST:PORT, such as %s", text, DefaultAddress)
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil {
		return address{}, fmt.Errorf("--listen %q: the port must be a number from 0 to 65535, not %q (%d)", text, port, n)
	}
	return address{host: host, loopback: isLoopback(host)}, nil
}

// isLoopback reports whether a host name or IP address always means this machine.
func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostName returns the name in the header Host, as it is compared: in lower case,
// without port, brackets and the dot at the end. It is empty if the header is malformed.
func hostName(host string) string {
	name, _ := splitHost(host)
	return name
}

// splitHost returns the name and the port in a header Host or in an origin. The port is
// empty if there is none.
func splitHost(host string) (name, port string) {
	name = strings.ToLower(host)
	if rest, bracket := strings.CutPrefix(name, "["); bracket {
		inside, after, closed := strings.Cut(rest, "]")
		ip, err := netip.ParseAddr(inside)
		if !closed || err != nil || after != "" && !strings.HasPrefix(after, ":") {
			return "", ""
		}
		return ip.WithZone("").String(), strings.TrimPrefix(after, ":")
	}
	name, port, _ = strings.Cut(name, ":")
	return strings.TrimSuffix(name, "."), port
}

var (
	nameForm = regexp.MustCompile(`^[a-z0-9_]([a-z0-9_.-]{0,251}[a-z0-9_])?$`)
	portForm = regexp.MustCompile(`^[0-9]{0,5}$`)
)

// validHost reports whether a text is a host name or an IP address, with or without a
// port.
func validHost(text string) bool {
	name, port := splitHost(text)
	_, err := netip.ParseAddr(name)
	return portForm.MatchString(port) && (err == nil || nameForm.MatchString(name))
}
