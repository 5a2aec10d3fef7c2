package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"

	"fleet/internal/fleetobject"
	"fleet/operator/api/v1alpha1"
)

// InlineFile is the name of the inline spec in positions.
const InlineFile = "spec.fleet"

// MaxFiles is the number of bytes that all files of one spec may have together.
const MaxFiles = 4 << 20

// MaxWritten is the number of bytes on the disk that the files of all specs may take: less
// than the volume that the pods of the operator have for them.
const MaxWritten = 900 << 20

// block is the number of bytes by which files grow on the disk.
const block = 4 << 10

// A directory holds the files of one spec.
type directory struct {
	path  string
	parts []string      // paths of the files that are parts of the spec
	size  int           // bytes of all files
	taken int64         // bytes on the disk
	all   *atomic.Int64 // bytes on the disk of all specs
}

// newDirectory returns an empty directory below base, whose files are counted in all.
func newDirectory(base string, all *atomic.Int64) (*directory, error) {
	path, err := os.MkdirTemp(base, "spec-")
	if err != nil {
		return nil, diskError(err)
	}
	return &directory{path: path, all: all}, nil
}

// remove deletes the directory.
func (d *directory) remove() {
	if d != nil {
		_ = os.RemoveAll(d.path) // it is in a directory of the container's own
		d.all.Add(-d.taken)
		d.taken = 0
	}
}

// take counts a file on the disk.
func (d *directory) take(size int) error {
	n := int64(size+2*block-1) / block * block // with its entry in the directory
	d.taken += n
	if d.all.Add(n) > MaxWritten {
		return fmt.Errorf("writing the files of the spec: the files of all specs of this replica have more than %d MiB; use smaller ConfigMaps in spec.fleetFrom, or more shards", MaxWritten>>20)
	}
	return nil
}

// diskError returns the error of a file that was not written. Its name is left out: it is a
// new one at each attempt.
func diskError(err error) error {
	if at, ok := errors.AsType[*fs.PathError](err); ok {
		err = at.Err
	}
	return fmt.Errorf("writing the files of the spec to the directory of --temp-dir: %w", err)
}

// strip removes the path of the directory from a text.
func (d *directory) strip(text string) string {
	return strings.ReplaceAll(text, d.path+string(filepath.Separator), "")
}

// addInline adds the inline spec.
func (d *directory) addInline(f *v1alpha1.Fleet) error {
	if f.Spec.Fleet == nil {
		return nil
	}
	raw := f.Spec.Fleet.Raw
	if len(raw) > fleetobject.MaxInline {
		return problem(v1alpha1.ReasonSpecTooLarge, "spec.fleet has %d bytes, and the limit is %d; move parts of it to ConfigMaps, and name them in spec.fleetFrom", len(raw), fleetobject.MaxInline)
	}
	var lines bytes.Buffer
	if err := json.Indent(&lines, raw, "", "  "); err != nil {
		return problem(v1alpha1.ReasonInvalidSpec, "spec.fleet: %v", err)
	}
	lines.WriteByte('\n')
	return d.write(InlineFile, lines.Bytes(), true)
}

// addConfigMap adds the keys of a ConfigMap as files.
func (d *directory) addConfigMap(from v1alpha1.FleetSource, m *corev1.ConfigMap) error {
	if m.Name == InlineFile && slices.Contains(d.parts, filepath.Join(d.path, InlineFile)) {
		return problem(v1alpha1.ReasonInvalidSpec, "spec.fleetFrom: a ConfigMap with the name %s cannot be used together with the field %s, whose positions would read the same; rename the ConfigMap", InlineFile, InlineFile)
	}
	content := map[string][]byte{}
	for key, text := range m.Data {
		content[key] = []byte(text)
	}
	for key, data := range m.BinaryData {
		content[key] = data
	}
	parts := from.Files
	if len(parts) == 0 {
		for key := range content {
			if ext := filepath.Ext(key); ext == ".yaml" || ext == ".yml" {
				parts = append(parts, key)
			}
		}
		if len(parts) == 0 {
			return problem(v1alpha1.ReasonInvalidSpec, "ConfigMap %s has no key that ends in .yaml or .yml; name the keys in spec.fleetFrom[].files", m.Name)
		}
	}
	for _, key := range parts {
		if content[key] == nil {
			return problem(v1alpha1.ReasonConfigMapNotFound, "ConfigMap %s has no key %q, which spec.fleetFrom names; it has %s", m.Name, key, listKeys(content))
		}
	}
	for key, data := range content {
		if err := d.write(filepath.Join(m.Name, key), data, slices.Contains(parts, key)); err != nil {
			return err
		}
	}
	return nil
}

// listKeys returns the keys of a ConfigMap, for an error.
func listKeys(content map[string][]byte) string {
	var keys []string
	for key := range content {
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return "no keys"
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// write writes a file. part is true if it is a part of the spec.
func (d *directory) write(name string, data []byte, part bool) error {
	if !filepath.IsLocal(name) { // the API server accepts no such key
		return problem(v1alpha1.ReasonInvalidSpec, "%q is not a name of a file", name)
	}
	if d.size += len(data); d.size > MaxFiles {
		return problem(v1alpha1.ReasonSpecTooLarge, "the ConfigMaps of the spec have more than %d bytes; a large spec is written with count and for_each, and large files belong into an image", MaxFiles)
	}
	if err := d.take(len(data)); err != nil {
		return err
	}
	path := filepath.Join(d.path, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return diskError(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return diskError(err)
	}
	if part {
		d.parts = append(d.parts, path)
	}
	return nil
}
