package world

import (
	"io"
	"maps"
	"path"
	"strconv"
	"strings"
)

// A File is the stored record of a file in a sandbox; the store of blobs has its content.
type File struct {
	// Size is the length of the content in bytes.
	Size     int64   `json:"size"`
	Blob     string  `json:"blob"`
	Modified Instant `json:"modified"`
	// Mode is the permissions in octal; empty if the client did not set them.
	Mode string `json:"mode,omitempty"`
}

// A NewFile is a file to write.
type NewFile struct {
	Path    string // as the client wrote it; a relative one is below the user's home
	Content []byte
}

// FilePath returns the absolute path of a file in the sandbox.
func (sb *Sandbox) FilePath(name string) string {
	if path.IsAbs(name) {
		return path.Clean(name)
	}
	home := "/home/" + sb.User
	if sb.User == "root" {
		home = "/root"
	}
	return path.Join(home, name)
}

// WriteFiles writes files to a sandbox, all of them or none. Directories are created.
func (w *World) WriteFiles(sb *Sandbox, list []NewFile) error {
	next := maps.Clone(sb.Files)
	if next == nil {
		next = map[string]File{}
	}
	var written []string
	for _, f := range list {
		name := sb.FilePath(f.Path)
		err := checkPlace(next, name)
		if err == nil {
			mode := next[name].Mode // which a file keeps when it is overwritten
			next[name], err = w.writeFile(f.Content, mode)
		}
		if err != nil {
			w.obsolete = append(w.obsolete, written...)
			return err
		}
		written = append(written, next[name].Blob)
	}
	if size := totalSize(next); size > int64(sb.Disk)<<30 {
		w.obsolete = append(w.obsolete, written...)
		return BadRequest("no space left on device: the files have %d bytes, and the disk %d GiB", size, sb.Disk)
	}
	w.replaceFiles(sb, next)
	return nil
}

// SetFileMode sets the permissions of a file, in octal. An empty mode changes nothing.
func (w *World) SetFileMode(sb *Sandbox, name, mode string) error {
	name = sb.FilePath(name)
	f, ok := sb.Files[name]
	switch _, err := strconv.ParseUint(mode, 8, 12); {
	case !ok && !isDirectory(sb.Files, name):
		return NotFound("file not found: %s", name)
	case mode == "":
		return nil
	case err != nil:
		return BadRequest("invalid mode")
	case !ok:
		return nil // directories have no record
	}
	f.Mode = mode
	next := maps.Clone(sb.Files)
	next[name] = f
	w.replaceFiles(sb, next)
	return nil
}

// replaceFiles sets the files of a sandbox. The blobs that it no longer needs can be
// removed after the change is stored.
func (w *World) replaceFiles(sb *Sandbox, next map[string]File) {
	for name, old := range sb.Files {
		if next[name].Blob != old.Blob {
			w.obsolete = append(w.obsolete, old.Blob)
		}
	}
	sb.Files = next
	w.MarkDirty(KindSandbox, sb.ID)
}

// writeFile stores a content.
func (w *World) writeFile(content []byte, mode string) (File, error) {
	out, err := w.Store.Create()
	if err != nil {
		return File{}, err
	}
	if _, err := out.Write(content); err != nil {
		_ = out.Discard() // the first error is the one to report
		return File{}, err
	}
	return File{Size: out.Size, Blob: out.Name, Modified: w.Now, Mode: mode}, out.Close()
}

// checkPlace returns an error if a file cannot be at a path.
func checkPlace(files map[string]File, name string) error {
	if name == "/" {
		return BadRequest("/ is a directory")
	}
	for dir := path.Dir(name); dir != "/"; dir = path.Dir(dir) {
		if _, isFile := files[dir]; isFile {
			return BadRequest("%s is not a directory", dir)
		}
	}
	if isDirectory(files, name) {
		return BadRequest("%s is a directory", name)
	}
	return nil
}

func isDirectory(files map[string]File, name string) bool {
	for other := range files {
		if strings.HasPrefix(other, name+"/") {
			return true
		}
	}
	return false
}

func totalSize(files map[string]File) int64 {
	var sum int64
	for _, f := range files {
		sum += f.Size
	}
	return sum
}

// ReadFile returns the content of a file in a sandbox of at most limit bytes.
func (w *World) ReadFile(sb *Sandbox, name string, limit int64) ([]byte, error) {
	name = sb.FilePath(name)
	f, ok := sb.Files[name]
	switch {
	case !ok && isDirectory(sb.Files, name):
		return nil, BadRequest("%s is a directory", name)
	case !ok:
		return nil, NotFound("file not found: %s", name)
	case f.Size > limit:
		return nil, NewAPIError(413, "%s is too large for this simulation: a download may have %d MiB", name, limit>>20)
	}
	in, err := w.Store.Open([]string{f.Blob})
	if err != nil {
		return nil, err
	}
	defer in.Close()
	content := make([]byte, f.Size)
	_, err = io.ReadFull(in, content)
	return content, err
}

// TakeObsolete returns the blobs that no record has any more, once.
func (w *World) TakeObsolete() []string {
	obsolete := w.obsolete
	w.obsolete = nil
	return obsolete
}
