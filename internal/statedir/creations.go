package statedir

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"fleet/apply"
	"fleet/internal/input"
	"fleet/plan"
	"fleet/spec"
)

// maxCreations is the number of creations that are kept for one snapshot name,
// the latest ones.
const maxCreations = 16

// Creations records which snapshots a fleet created on a server. Snapshots have
// no labels: without the record, a run that is killed before it makes a sandbox
// from a new snapshot would leave one that the next run takes for an unowned
// one. Each snapshot name has a file, which is replaced as a whole.
type Creations struct {
	dirs []string // of the fleet's name, then of its former names; empty if nothing can be kept
}

// Creations returns the record of a fleet, which may have had other names.
func (d Dir) Creations(server, fleet string, formerNames ...string) Creations {
	var c Creations
	for _, name := range append([]string{fleet}, formerNames...) {
		dir, err := d.Path("snapshots", fmt.Sprintf("%s-%s", name, key(serverName(server)+"\n"+name)))
		if err != nil {
			return Creations{}
		}
		c.dirs = append(c.dirs, dir)
	}
	return c
}

// List returns all records. Files that cannot be read are skipped: their
// snapshots count as unowned, and nothing is done to them.
func (c Creations) List() []plan.Creation {
	var list []plan.Creation
	for _, dir := range c.dirs {
		files, _ := filepath.Glob(filepath.Join(dir, "*.json")) // fails only for bad patterns
		for _, file := range files {
			list = append(list, readCreations(file)...)
		}
	}
	return list
}

// Record records that the snapshot of a step is about to be created, or, with
// its id, that it was.
func (c Creations) Record(s *plan.Step, id string) error {
	if len(c.dirs) == 0 {
		return nil
	}
	file := creationFile(c.dirs[0], s.Name)
	now := plan.Creation{Name: s.Name, ID: id, Recipe: s.Want.SourceDigest(), At: time.Now()}
	return writeCreations(file, plan.AddCreation(readCreations(file), now))
}

// Forget removes the records of snapshots that a run deleted.
func (c Creations) Forget(r *apply.Report) {
	for _, x := range r.Results {
		if x.Step.Address.Kind != spec.SnapshotKind || x.Step.Action != plan.Delete || x.Outcome != apply.Done {
			continue
		}
		for _, dir := range c.dirs {
			file := creationFile(dir, x.Step.Name)
			list := readCreations(file)
			rest := slices.DeleteFunc(slices.Clone(list), func(k plan.Creation) bool { return k.ID == x.Step.ID })
			if len(rest) < len(list) {
				_ = writeCreations(file, rest) // the record of a deleted snapshot does no harm
			}
		}
	}
}

// creationFile returns the file of a snapshot name, which may hold slashes.
func creationFile(dir, name string) string { return filepath.Join(dir, key(name)+".json") }

func readCreations(file string) []plan.Creation {
	var list []plan.Creation
	if text, err := input.ReadRegular(file, input.MaxList); err != nil || json.Unmarshal(text, &list) != nil {
		return nil
	}
	return list
}

// writeCreations writes the records of a name, or removes the file if there are
// none.
func writeCreations(file string, list []plan.Creation) error {
	if len(list) == 0 {
		return os.Remove(file)
	}
	text, err := json.Marshal(list[max(0, len(list)-maxCreations):])
	if err != nil {
		return err
	}
	return replace(file, text)
}
