package main

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	runs  = 5
	files = 50_000
	bytes = 1_000_000_000
)

// compare makes a tree and prints the ratios.
func compare() error {
	dir, err := os.MkdirTemp("", "fleet-measure-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	tree, cache := filepath.Join(dir, "tree"), filepath.Join(dir, "cache")
	if err := makeTree(tree); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	err = printRatio("hash and pack, against tar", 1.5, tree,
		[]string{self, "-dir", tree, "-pack"}, []string{"sh", "-c", "tar -cf - . | cat >/dev/null"})
	if err != nil {
		return err
	}
	if _, _, err := run(dir, self, "-dir", tree, "-cache", cache); err != nil { // fills the cache
		return err
	}
	return printRatio("hash again with the cache, against find", 2, tree,
		[]string{self, "-dir", tree, "-cache", cache}, []string{"sh", "-c", `find . -type f -printf '%s %T@ %i\n' >/dev/null`})
}

// printRatio runs two commands by turns and prints the ratio of their median times.
func printRatio(title string, target float64, dir string, command, reference []string) error {
	var own, other []time.Duration
	var output string
	for range runs {
		d, _, err := run(dir, reference[0], reference[1:]...)
		if err != nil {
			return err
		}
		other = append(other, d)
		if d, output, err = run(dir, command[0], command[1:]...); err != nil {
			return err
		}
		own = append(own, d)
	}
	slices.Sort(own)
	slices.Sort(other)
	a, b := own[runs/2], other[runs/2]
	fmt.Printf("%s: %v / %v = %.2f (target %.1f), %s\n", title, a.Round(time.Millisecond), b.Round(time.Millisecond),
		float64(a)/float64(b), target, strings.Join(strings.Fields(output), " "))
	return nil
}

// run runs a command and returns its time and output.
func run(dir, name string, args ...string) (time.Duration, string, error) {
	c := exec.Command(name, args...) //nolint:noctx // runs for seconds
	c.Dir, c.Stderr = dir, os.Stderr
	start := time.Now()
	out, err := c.Output()
	return time.Since(start), string(out), err
}

// makeTree writes files of different sizes, with random content.
func makeTree(dir string) error {
	const perDirectory = 100
	random := rand.NewChaCha8([32]byte{1})
	sizes := rand.New(random)
	content := make([]byte, 2*bytes/files)
	old := time.Now().Add(-time.Hour)
	for i := range files {
		parent := filepath.Join(dir, fmt.Sprintf("package-%d", i/perDirectory/10), fmt.Sprintf("part-%d", i/perDirectory))
		if err := os.MkdirAll(parent, 0o755); err != nil {
			return err
		}
		text := content[:sizes.IntN(len(content))]
		_, _ = random.Read(text) // never fails
		file := filepath.Join(parent, fmt.Sprintf("file-%d.dat", i))
		if err := os.WriteFile(file, text, 0o644); err != nil {
			return err
		}
		if err := os.Chtimes(file, old, old); err != nil {
			return err
		}
	}
	return nil
}
