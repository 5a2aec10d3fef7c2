package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/google/renameio/v2/maybe"

	"fleet/apply"
	"fleet/internal/input"
	"fleet/plan"
	"fleet/spec"
)

// Snapshots carry no labels. That a fleet created one is recorded on the machine
// that did, so that the next run knows the snapshot even if this one is killed
// before any sandbox is made from it. Each name of a snapshot has a file of its
// own, which is written as a whole.

// maxCreations is how many creations of one name are kept, the last ones.
const maxCreations = 16

// creations are the records of one fleet on one server.
type creations struct {
	*app
	dirs []string // of the fleet's name, then of names that it had; empty where nothing can be kept
}

// creations returns the records of the fleet of the run.
func (p *planRun) creations() creations {
	c := creations{app: p.app}
	for _, name := range append([]string{p.fleet.Name}, p.fleet.FormerNames...) {
		sum := sha256.Sum256([]byte(strings.TrimRight(p.session.address, "/") + "\n" + name))
		dir, err := p.statePath("snapshots", fmt.Sprintf("%s-%x", name, sum[:8]))
		if err != nil {
			return creations{app: p.app}
		}
		c.dirs = append(c.dirs, dir)
	}
	return c
}

// list returns all records. A file that cannot be read is passed over: the
// snapshot counts as that of somebody else, and nothing is done to it.
func (c creations) list() []plan.Creation {
	var list []plan.Creation
	for _, dir := range c.dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // fails only for bad patterns
		for _, file := range files {
			list = append(list, readCreations(file)...)
		}
	}
	return list
}

// record records that the snapshot of a step is about to be created, or with an id
// that it was. No run fails for it.
func (c creations) record(s *plan.Step, id string) {
	if len(c.dirs) == 0 {
		return
	}
	file := creationFile(c.dirs[0], s.Name)
	list := readCreations(file)
	now := plan.Creation{Name: s.Name, ID: id, Recipe: s.Want.SourceDigest(), At: time.Now()}
	if last := len(list) - 1; last >= 0 && list[last].ID == "" { // it was not answered
		if list[last].Recipe == now.Recipe {
			now.At = list[last].At // which of the two requests made it is not known
		}
		list = list[:last]
	}
	list = append(list, now)
	if err := writeCreations(file, list); err != nil && c.verbose {
		c.app.note("That the snapshot %s was created is not kept for the next commands: %v", s.Name, err)
	}
}

// forget removes the records of snapshots that the run has deleted.
func (c creations) forget(r *apply.Report) {
	for _, x := range r.Results {
		if x.Step.Address.Kind != spec.SnapshotKind || x.Step.Action != plan.Delete || x.Outcome != apply.Done {
			continue
		}
		for _, dir := range c.dirs {
			file := creationFile(dir, x.Step.Name)
			list := readCreations(file)
			if kept := slices.DeleteFunc(slices.Clone(list), func(k plan.Creation) bool { return k.ID == x.Step.ID }); len(kept) < len(list) {
				_ = writeCreations(file, kept) // a record of what is gone does no harm
			}
		}
	}
}

// creationFile is that of a name of a snapshot, which may hold slashes.
func creationFile(dir, name string) string {
	sum := sha256.Sum256([]byte(name))
	return filepath.Join(dir, fmt.Sprintf("%x.json", sum[:8]))
}

func readCreations(file string) []plan.Creation {
	var list []plan.Creation
	if text, err := input.ReadRegular(file, input.MaxList); err != nil || json.Unmarshal(text, &list) != nil {
		return nil
	}
	return list
}

// writeCreations writes the records of a name; without any there is no file.
func writeCreations(file string, list []plan.Creation) error {
	if len(list) == 0 {
		return os.Remove(file)
	}
	text, err := json.Marshal(list[max(0, len(list)-maxCreations):])
	if err == nil {
		err = os.MkdirAll(filepath.Dir(file), 0o700)
	}
	if err == nil {
		err = maybe.WriteFile(file, text, 0o600)
	}
	return err
}
