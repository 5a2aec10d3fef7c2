package fleetobject

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"strings"

	"fleet/internal/buildcontext"
	"fleet/spec"
)

// verify reads files with the values of the object, as the operator does, and returns an
// error unless they are the same fleet.
func (r *reading) verify(files []file) error {
	dir, err := os.MkdirTemp("", "fleet-object-")
	if err != nil {
		return fmt.Errorf("verifying the object: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // the system cleans its temporary directory
	var parts []string
	for _, f := range files {
		path := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("verifying the object: %w", err)
		}
		if err := os.WriteFile(path, f.text, 0o600); err != nil {
			return fmt.Errorf("verifying the object: %w", err)
		}
		if f.part {
			parts = append(parts, path)
		}
	}
	o := spec.Options{Environment: r.options.Spec.Environment, Root: dir, Lookup: r.lookup, Hasher: buildcontext.NewHasher(buildcontext.Options{})}
	for _, v := range r.vars {
		o.Vars = append(o.Vars, spec.Var{Name: v.name, Value: v.text, From: "spec.variables"})
	}
	f, err := o.Load(parts...)
	if err != nil {
		return errors.New(strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), ""))
	}
	return different(r.fleet, f)
}

// lookup finds the environment variables that the object sets.
func (r *reading) lookup(name string) (string, bool) {
	for _, v := range r.env {
		if v.name == name {
			return v.text, true
		}
	}
	return "", false
}

// different returns an error if two fleets differ in more than the order of resources.
func different(a, b *spec.Fleet) error {
	var addresses []spec.Address
	for _, r := range a.Resources {
		addresses = append(addresses, r.Address)
	}
	if a.Name != b.Name || len(a.Resources) != len(b.Resources) {
		return fmt.Errorf("it declares %d resources of %s instead of %d of %s", len(b.Resources), b.Name, len(a.Resources), a.Name)
	}
	want, got := a.ResourceFingerprints(addresses), b.ResourceFingerprints(addresses)
	for _, address := range addresses {
		if want[address] != got[address] {
			return fmt.Errorf("%s is different", address)
		}
	}
	if !maps.EqualFunc(a.Owns, b.Owns, func(x, y []string) bool { return reflect.DeepEqual(x, y) }) ||
		!reflect.DeepEqual([]any{a.Removed, a.Released, a.Moved, a.FormerNames, a.Parallelism, a.Prices}, []any{b.Removed, b.Released, b.Moved, b.FormerNames, b.Parallelism, b.Prices}) {
		return errors.New("owns, removed, moved, parallelism or prices are different")
	}
	return nil
}
