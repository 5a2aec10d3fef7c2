// Package starter writes the spec that fleet init begins a fleet with.
package starter

import (
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"fleet/spec"
)

// Names of the kinds of source, which are keys of a sandbox in a spec.
const (
	Snapshot = "snapshot"
	Image    = "image"
)

// A Spec has the values of the starter spec. Numbers are texts, as a user typed
// them.
type Spec struct {
	Name     string // of the fleet
	From     string // Snapshot or Image
	Source   string // name of the snapshot or image
	Count    string // of sandboxes
	AutoStop string // minutes without activity until a sandbox stops; 0 never stops it
}

// Default returns the starter spec for a fleet in a directory, which gives the
// fleet its name.
func Default(dir string) Spec {
	return Spec{Name: FleetName(dir), From: Snapshot, Source: "daytona-small", Count: "1", AutoStop: "15"}
}

// Text returns the spec as YAML.
func (s Spec) Text() []byte {
	alternative := "or from an image, such as image: debian:12"
	if s.From == Image {
		alternative = "or from a snapshot, such as snapshot: daytona-small"
	}
	return fmt.Appendf(nil, `# A fleet of Daytona sandboxes.
#
#   fleet validate    check this file
#   fleet plan        show what would change
#   fleet apply       make the changes
#
# Add --local to try it without an account.
version: 1
name: %s # identifies the fleet in the labels of its sandboxes

sandboxes:
  worker:
    count: %s # worker[0] is named worker-0, and so on
    # What it starts from, %s.
    %s: %s
    # Minutes without activity until it stops; 0 never stops it.
    auto_stop_interval: %s
    # labels: {team: research}
    # env_vars: {MODE: batch}

# A snapshot of your own. With versioning: content, a change creates a new version, moves
# the sandboxes to it, and then deletes the old one.
#
# snapshots:
#   base: {image: "python:3.12-slim-bookworm", versioning: content}
`, s.Name, s.Count, alternative, s.From, s.Source, s.AutoStop)
}

// Problem returns what is wrong with the values, or "".
func (s Spec) Problem() string {
	_, err := spec.Parse(spec.Source{Text: s.Text()})
	if err == nil {
		return ""
	}
	if list := (spec.Diagnostics{}); errors.As(err, &list) {
		d := *list[0]
		d.Pos, d.Path = spec.Position{}, "" // of a file that does not exist yet
		return strings.TrimPrefix(d.Error(), ": ")
	}
	return err.Error()
}

// fallbackName is the name of a fleet whose directory has no letter or digit.
const fallbackName = "demo"

// maxNameLength is the longest name of a fleet, in bytes.
const maxNameLength = 63

var invalidNameChars = regexp.MustCompile(`[^a-z0-9]+`)

// FleetName returns the name of a directory as a valid name of a fleet.
func FleetName(dir string) string {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return fallbackName
	}
	name := strings.Trim(invalidNameChars.ReplaceAllString(strings.ToLower(filepath.Base(dir)), "-"), "-")
	if name == "" {
		return fallbackName
	}
	return strings.Trim(name[:min(len(name), maxNameLength)], "-")
}
