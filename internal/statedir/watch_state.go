package statedir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"fleet/internal/input"
	"fleet/internal/watch/policy"
)

// A WatchStateFile keeps what the watch of a fleet remembers when it ends: pauses,
// failures and changes that others revert.
type WatchStateFile string

// WatchState returns the file of a fleet on a server. It is empty if nothing can be kept.
func (d Dir) WatchState(server, fleet string) WatchStateFile {
	file, err := d.Path("watch", key(serverName(server)+"\n"+fleet)+".json")
	if err != nil {
		return ""
	}
	return WatchStateFile(file)
}

// Read returns the state, which is empty if there is no file.
func (f WatchStateFile) Read() (*policy.State, error) {
	text, err := input.ReadRegular(string(f), input.MaxReport)
	if f == "" || errors.Is(err, fs.ErrNotExist) {
		return &policy.State{}, nil
	}
	s := &policy.State{}
	if err == nil {
		err = json.Unmarshal(text, s)
	}
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", f, err)
	}
	return s, nil
}

// Write replaces the state.
func (f WatchStateFile) Write(s *policy.State) error {
	if f == "" {
		return errors.New("there is no directory of state")
	}
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	return replace(string(f), text)
}
