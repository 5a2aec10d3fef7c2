package statedir

import (
	"encoding/json"
	"maps"
	"time"

	"fleet/apply"
	"fleet/client"
	"fleet/internal/input"
)

// maxPaceAge is how long what was found out about the pace of a server holds. What is
// outdated costs some refused requests at the start of a run.
const maxPaceAge = 7 * 24 * time.Hour

// A Pace is what runs have found out about the pace of a server. The zero Pace is
// that nothing is known.
type Pace struct {
	Limits      map[client.RateClass]int `json:"limits,omitempty"`     // see client.Config.NotedLimits
	Concurrency apply.Concurrency        `json:"concurrency,omitzero"` // see apply.Options.Concurrency
	At          time.Time                `json:"at,omitzero"`          // when it was found out
}

// A PaceFile keeps the Pace of a server for one account.
type PaceFile string

// PaceFile returns the file for a server and an account, which is an organization
// or an API key. The path has a digest of it. It is empty if nothing can be kept.
func (d Dir) PaceFile(server, account string) PaceFile {
	file, err := d.Path("pace", key(serverName(server)+"\n"+account)+".json")
	if err != nil {
		return ""
	}
	return PaceFile(file)
}

// Read returns what is known; the zero Pace if the file cannot be read, or is too old.
func (f PaceFile) Read(now time.Time) Pace {
	var p Pace
	text, err := input.ReadRegular(string(f), input.MaxList)
	if err != nil || json.Unmarshal(text, &p) != nil || now.Sub(p.At) > maxPaceAge || p.At.After(now) {
		return Pace{}
	}
	maps.DeleteFunc(p.Limits, func(_ client.RateClass, n int) bool { return n < 0 })
	return p
}

// Write replaces what is known.
func (f PaceFile) Write(p Pace) error {
	if f == "" {
		return nil
	}
	text, err := json.Marshal(p)
	if err != nil {
		return err
	}
	return replace(string(f), text)
}
