//go:build !race

package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"

	"fleet/spec"
)

var (
	upgrades    = flag.Int("upgrades", 20, "how many random fleets are upgraded")
	upgradeSeed = flag.Uint64("upgrade-seed", 0, "seed of the random fleets that are upgraded; 0 draws one")
)

// seedRandoms draws the seed unless a flag sets it, and logs it.
func seedRandoms(t *testing.T) {
	t.Helper()
	for *upgradeSeed == 0 {
		*upgradeSeed = rand.Uint64()
	}
	t.Logf("random fleets: -upgrade-seed %d", *upgradeSeed)
}

// randoms returns histories of random fleets, each of two specs that differ in many
// ways.
func randoms(t *testing.T, landed, version string) []history {
	t.Helper()
	d := newDrawer(t, landed, version, rand.New(rand.NewPCG(*upgradeSeed, 0)))
	var list []history
	for i := range *upgrades {
		h := history{name: fmt.Sprintf("random-%d", i), files: map[string][]byte{}}
		for name, text := range randomFiles {
			h.files[name] = []byte(text)
		}
		for _, name := range []string{"first.yaml", "second.yaml"} {
			h.files[name] = d.spec()
			h.specs = append(h.specs, []string{"-f", name})
		}
		list = append(list, h)
	}
	return list
}

// drawer draws specs that the landed build can read.
type drawer struct {
	*rand.Rand
	t      *testing.T
	landed string
	file   string                          // path of a spec, in the directory of the files that it may read
	rows   map[spec.Kind][]*spec.Attribute // attributes to draw from
}

// newDrawer returns a drawer of attributes that the landed build and a server of
// the version know.
func newDrawer(t *testing.T, landed, version string, dice *rand.Rand) *drawer {
	t.Helper()
	d := &drawer{Rand: dice, t: t, landed: landed, file: filepath.Join(t.TempDir(), "fleet.yaml"), rows: map[spec.Kind][]*spec.Attribute{}}
	for name, text := range randomFiles {
		if err := os.WriteFile(filepath.Join(filepath.Dir(d.file), name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	text, err := exec.CommandContext(t.Context(), landed, "schema").Output()
	if err != nil {
		t.Fatal(err)
	}
	var schema struct {
		Defs map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(text, &schema); err != nil {
		t.Fatal(err)
	}
	for kind, table := range spec.Tables {
		for _, a := range table {
			_, known := schema.Defs[string(kind)+"."+a.Key]
			if known && notDrawn[a.Key] == "" && spec.ParseVersion(version).AtLeast(a.Since) {
				d.rows[kind] = append(d.rows[kind], a)
			}
		}
	}
	return d
}

// tree is a YAML mapping.
type tree = map[string]any

// spec returns a random spec.
func (d *drawer) spec() []byte {
	root := d.parsed(randomFrame)
	root["images"] = tree{"py": d.parsed(oneOf(d, randomImages))}
	if d.IntN(3) == 0 {
		d.add(root, "defaults", "sandboxes", func() tree {
			return d.block(spec.SandboxKind, 1, func(a *spec.Attribute) bool { return !a.PerResource && !a.Structural })
		})
	}
	for i, kind := range []spec.Kind{spec.SandboxKind, spec.SandboxKind, spec.SandboxKind, spec.SandboxKind, spec.SnapshotKind, spec.VolumeKind} {
		d.add(root, kind.Section(), fmt.Sprintf("more-%d", i), func() tree {
			return d.block(kind, d.IntN(min(8, len(d.rows[kind]))), func(*spec.Attribute) bool { return true })
		})
	}
	return d.text(root)
}

// add draws blocks until one makes a valid spec, and adds that one to a section.
func (d *drawer) add(root tree, section, key string, draw func() tree) {
	in, _ := root[section].(tree)
	if in == nil {
		in = tree{}
		root[section] = in
	}
	for range 20 {
		in[key] = draw()
		if d.reads(root) {
			return
		}
	}
	delete(in, key)
}

// reads reports whether this build or the landed one accepts a spec: the test has to
// cover specs that only this build refuses.
func (d *drawer) reads(root tree) bool {
	text := d.text(root)
	if _, err := spec.Parse(spec.Source{Name: d.file, Text: text}); err == nil {
		return true
	}
	cmd := exec.CommandContext(d.t.Context(), d.landed, "validate", "-f", "-")
	cmd.Dir, cmd.Stdin = filepath.Dir(d.file), strings.NewReader(string(text))
	return cmd.Run() == nil
}

// block returns a resource with up to n attributes, each with the value of its
// example or another one.
func (d *drawer) block(kind spec.Kind, n int, may func(*spec.Attribute) bool) tree {
	block := tree{}
	if kind == spec.SnapshotKind {
		block["image"] = "alpine:3.20"
	}
	for range n {
		a := oneOf(d, d.rows[kind])
		if !may(a) {
			continue
		}
		text := a.Example
		if others := otherValues[a.Key]; len(others) > 0 && d.IntN(2) == 0 {
			text = oneOf(d, others)
		}
		if a.With != "" {
			merge(block, d.parsed(a.With))
		}
		merge(block, d.parsed(text))
	}
	return block
}

func oneOf[T any](d *drawer, list []T) T { return list[d.IntN(len(list))] }

// merge merges a mapping into another.
func merge(under, over tree) {
	for key, v := range over {
		a, ok := under[key].(tree)
		b, too := v.(tree)
		if ok && too {
			merge(a, b)
		} else {
			under[key] = v
		}
	}
}

func (d *drawer) parsed(text string) tree {
	d.t.Helper()
	var m tree
	if err := yaml.Unmarshal([]byte(text), &m); err != nil {
		d.t.Fatalf("%v\n%s", err, text)
	}
	return m
}

func (d *drawer) text(root tree) []byte {
	d.t.Helper()
	text, err := yaml.Marshal(root)
	if err != nil {
		d.t.Fatal(err)
	}
	return text
}
