package statedir

import (
	"os"
	"path/filepath"
	"strings"
)

const socketEnding = ".sock"

// WatchSocket returns the path of the socket that a watch of a fleet on a server has
// open while it runs. The name is short: systems limit the length of the path.
func (d Dir) WatchSocket(server, fleet string) (string, error) {
	return d.Path("watch", key(serverName(server)+"\n"+fleet)+socketEnding)
}

// WatchSockets returns the paths of all sockets of watches, whether they still run or not.
func (d Dir) WatchSockets() []string {
	dir, err := d.Path("watch")
	if err != nil {
		return nil
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var list []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), socketEnding) {
			list = append(list, filepath.Join(dir, e.Name()))
		}
	}
	return list
}
