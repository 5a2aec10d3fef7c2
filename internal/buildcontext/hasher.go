package buildcontext

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"io/fs"
	"runtime"
	"slices"
	"sync"
	"time"
)

// dockerfileName is the name of the Dockerfile in the context that the server makes.
// A file of this name at the root of an archive would replace it.
const dockerfileName = "Dockerfile"

// Options are the settings of a [Hasher]. Zero values mean the defaults.
type Options struct {
	Cache    *Cache  // of digests; nil means that all files are read
	MaxBytes int64   // of one source; see DefaultMaxBytes
	MaxFiles int     // of one source; see DefaultMaxFiles
	Inputs   *Inputs // records what is read; nil records nothing
	Workers  int     // files that are read at a time; the number of CPUs by default

	// Now is the clock of the file system, whose timestamps it is compared with; nil means
	// time.Now. A simulation of time has another one.
	Now func() time.Time
}

// A Hasher computes manifests. It reads each source once: a new Hasher sees later
// changes. It may be used by several goroutines.
type Hasher struct {
	options Options

	mu   sync.Mutex
	done map[Source][]File // by source without Dockerfile

	limited map[limits]*Hasher // see Limited
}

// NewHasher returns a Hasher.
func NewHasher(o Options) *Hasher {
	if o.MaxBytes == 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxFiles == 0 {
		o.MaxFiles = DefaultMaxFiles
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Hasher{options: o, done: map[Source][]File{}}
}

// Limited returns a Hasher with other limits of a source and the same cache and inputs. It
// returns the same one for each pair of limits, which must be positive.
func (h *Hasher) Limited(maxBytes int64, maxFiles int) *Hasher {
	h.mu.Lock()
	defer h.mu.Unlock()
	o := h.options
	o.MaxBytes, o.MaxFiles = maxBytes, maxFiles
	key := limits{maxBytes, maxFiles}
	if h.limited[key] == nil {
		if h.limited == nil {
			h.limited = map[limits]*Hasher{}
		}
		h.limited[key] = NewHasher(o)
	}
	return h.limited[key]
}

// Hash returns the manifest of a source. Errors are a [*FileError], or [*Problems] with
// several of them, a [*LimitError], an [*IgnoreFileError], or the error of ctx.
func (h *Hasher) Hash(ctx context.Context, s Source) (Manifest, error) {
	files, err := h.filesOf(ctx, s)
	if err != nil {
		return Manifest{}, err
	}
	m := newManifest(s, files)
	h.options.Cache.storeManifest(m, h.options.Now())
	return m, nil
}

// filesOf returns the files of a source with their digests. Sources that differ in the
// Dockerfile only share them.
func (h *Hasher) filesOf(ctx context.Context, s Source) ([]File, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s.Dockerfile = ""
	if files, ok := h.done[s]; ok {
		return files, nil
	}
	start := h.options.Now()
	files, err := h.list(ctx, s)
	if err != nil {
		return nil, err
	}
	complete := h.options.Cache.fill(s, files)
	if err := h.digest(ctx, s, files); err != nil {
		return nil, err
	}
	if !complete {
		h.options.Cache.storeDigests(s, files, start)
	}
	h.done[s] = files
	return files, nil
}

// Inputs returns what the Hasher records. It is nil if the Hasher is, or records nothing.
func (h *Hasher) Inputs() *Inputs {
	if h == nil {
		return nil
	}
	return h.options.Inputs
}

// Known returns the manifest with a hash that was computed before, by this Hasher or by
// another one with the same cache. [Manifest.Open] may fail.
func (h *Hasher) Known(hash string) (Manifest, bool) { return h.options.Cache.Manifest(hash) }

// list returns the files of a source without their digests.
func (h *Hasher) list(ctx context.Context, s Source) ([]File, error) {
	if !s.isRoot() && (!fs.ValidPath(s.Archive) || !validName(s.Archive)) {
		return nil, &FileError{Path: s.Archive, Reason: BadName}
	}
	root, err := realDirectory(s.Root)
	if err != nil {
		return nil, &FileError{Path: s.Root, Reason: Unreadable, Err: err}
	}
	rules := &ignoreRules{}
	if s.IgnoreFile != "" {
		if rules, err = readIgnoreFile(s.IgnoreFile); err != nil {
			return nil, err
		}
	}
	scan := scan{
		source: s, rules: rules, realRoot: root, workers: h.options.Workers, inputs: h.options.Inputs,
		limits: limits{h.options.MaxBytes, h.options.MaxFiles},
	}
	err = scan.run(ctx)
	return scan.files, err
}

// newManifest returns the manifest of files with digests. A file in the place of the
// Dockerfile is left out unless it is the Dockerfile.
func newManifest(s Source, files []File) Manifest {
	m := Manifest{source: s, Files: files}
	isDockerfile := func(f File) bool { return f.Path == dockerfileName }
	if i := slices.IndexFunc(files, isDockerfile); i >= 0 && files[i].Digest != sha256.Sum256([]byte(s.Dockerfile)) {
		m.Files = slices.Concat(files[:i], files[i+1:])
		m.Warnings = append(m.Warnings, Warning{
			Path:   s.disk(dockerfileName),
			Reason: "left out of the build context, because it would replace the Dockerfile of the image, which is different",
		})
	}
	m.Hash = hashOf(m.Files)
	for _, f := range m.Files {
		m.Bytes += f.Size
	}
	return m
}

// hashOf returns the hash of sorted files: SHA-256 over the path, mode, size and digest
// of each.
func hashOf(files []File) string {
	h := sha256.New()
	buffer := []byte("build context 1\n")
	for _, f := range files {
		buffer = binary.AppendUvarint(buffer, uint64(len(f.Path)))
		buffer = append(buffer, f.Path...)
		buffer = binary.BigEndian.AppendUint32(buffer, uint32(f.Mode.Perm()))
		buffer = binary.BigEndian.AppendUint64(buffer, uint64(f.Size))
		buffer = append(buffer, f.Digest[:]...)
		h.Write(buffer)
		buffer = buffer[:0]
	}
	h.Write(buffer)
	return hex.EncodeToString(h.Sum(nil))
}
