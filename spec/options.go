package spec

import (
	"context"
	"fmt"
	"io"
	"slices"
	"time"

	"fleet/internal/buildcontext"
	"fleet/internal/decode"
	"fleet/internal/specfile"
	"fleet/internal/yamldoc"
)

// Options are the inputs of a spec other than its text. The zero Options read
// the named files and nothing else.
type Options struct {
	// Environment is the environment of the spec to read; empty reads the spec
	// without any.
	Environment string

	// Vars are the values of variables. They win over those of VarFiles, those
	// over environment variables FLEET_VAR_name, and all over the spec; of
	// several the last wins.
	Vars     []Var
	VarFiles []string // YAML files of values by variable

	// Lookup finds environment variables; nil finds none.
	Lookup func(name string) (string, bool)

	// SensitiveEnv reports whether the value of an environment variable is sensitive
	// wherever the spec uses it. nil: only from_env makes it so.
	SensitiveEnv func(name string) bool

	// Run runs a command for a value given by from_command and returns what it
	// prints; nil refuses such values.
	Run func(argv []string) ([]byte, error)

	// Decrypt returns the plain text of a file that sops encrypted; nil refuses
	// such files.
	Decrypt func(file string) ([]byte, error)

	// Root, when not empty, is a directory that no file of the spec may be
	// outside of.
	Root string

	// Recursive reads directories with all that is below them.
	Recursive bool

	// Context ends the reading of standard input and of pipes, which may be
	// among the paths and VarFiles; nil never does.
	Context context.Context

	// Pipes keeps what was read from pipes and devices among the paths and
	// VarFiles, by path, for the next Load with the same map: they can be read only
	// once. nil keeps nothing.
	Pipes map[string][]byte

	// Stdin is read for the path "-".
	Stdin io.Reader

	// Hasher hashes the local files that the images in use copy. Without it, the spec
	// is only checked for files that are missing, and the contexts of images are
	// unknown: such a spec must not be compared with objects or sent.
	Hasher *buildcontext.Hasher

	// FileHasher hashes the files of sandboxes; nil stands for Hasher. With it alone, these
	// files, which are few, are checked whole.
	FileHasher *buildcontext.Hasher

	// LocalFilesIn, if not empty, is the directory that all local files of images are
	// in. An image that copies others, or files that cannot be sent, is no mistake, and
	// differs from all images of other specs. Such a spec must not be sent.
	LocalFilesIn string

	// ResolveDigest returns the digest, such as sha256:..., of a registry reference
	// with a tag, for images with pull: always. It is called once for each
	// reference, by several goroutines at a time. The error states the registry;
	// if it has a method Hint() string, that is what to do. An empty digest leaves
	// the tag, and a nil ResolveDigest all tags.
	ResolveDigest func(ctx context.Context, ref string) (string, error)

	// Unset is what the spec may refer to without a value being set for it. The
	// attributes that depend on such a value are unknown, and [Fleet.Unset] lists
	// the values. The zero Unset makes each a mistake.
	Unset Unset

	// Pins are versions of snapshots to use, by the keys of the snapshots, as if the
	// spec pinned them. Snapshots with fixed versions ignore them.
	Pins map[string]string

	// Explain keeps where each value came from; see [Resource.Origin]. An
	// [Encoder] then writes groups as the spec has them.
	Explain bool

	// Reread means that the files were read before. A file that has become a pipe since
	// then is an error: it may have no writer. The text of earlier pipes is in Pipes.
	Reread bool

	// OnFind, if not nil, is called with each path that the caller or the spec names as
	// a part of the spec, before it is looked for: it need not exist.
	OnFind func(path string)

	// OnOpen, if not nil, is called with each file before it is read, also if the
	// spec is invalid.
	OnOpen func(file string)

	// OnList, if not nil, is called with each directory whose files were
	// listed, including directories below it if Recursive is set.
	OnList func(dir string)
}

// A Source is a named text that is part of a spec.
type Source = yamldoc.Source

// A Var is a value for a variable of the spec.
type Var = decode.Var

// Unset selects the references of a spec whose values need not be set.
type Unset = decode.Unset

// The references that may be unset.
const (
	UnsetNothing     = decode.UnsetNothing     // every value must be set
	UnsetEnvironment = decode.UnsetEnvironment // environment variables: from_env and ${env.NAME}
	UnsetAll         = decode.UnsetAll         // and the variables of the spec
)

// Stdin is the path that stands for standard input.
const Stdin = specfile.Stdin

// Parse returns the fleet that the sources describe; see [Options.Load].
func Parse(sources ...Source) (*Fleet, error) { return Options{}.Parse(sources...) }

// Load reads a fleet from files and directories; the path - is standard input.
// In a directory it follows links, skips hidden files, and reads files whose
// names end in .yaml or .yml in any case, and JSON files with version and
// another key of a spec. The parts make up one fleet. If the files could be read,
// its error has the type [Diagnostics] and holds every error of the spec.
func (o Options) Load(paths ...string) (*Fleet, error) {
	l := newLoader(o)
	files, skipped, err := o.files().Find(paths)
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, errNoSpec
	}
	l.skipped = skipped
	for _, file := range slices.Concat(paths, o.VarFiles) {
		l.named[file] = true
	}
	f, err := l.load(func(l *loader) error {
		for _, f := range files {
			if err := l.readFile(f); err != nil {
				return err
			}
		}
		return nil
	})
	if ended := o.files().Err(); ended != nil { // and what could not be read for that is no mistake
		return nil, fmt.Errorf("reading the spec: %w", ended)
	}
	return f, err
}

// Parse is [Parse] with options.
func (o Options) Parse(sources ...Source) (*Fleet, error) {
	if len(sources) == 0 {
		return nil, errNoSpec
	}
	return newLoader(o).load(func(l *loader) error {
		for _, s := range sources {
			l.addSource(s)
		}
		return nil
	})
}

// errNoSpec is the error for an empty list of files.
var errNoSpec = &Diagnostic{Message: "no spec is given"}

// Files lists the files that [Options.Load] begins with, each once, in the
// order of their names. What they include is not among them.
func (o Options) Files(paths ...string) ([]string, error) {
	files, _, err := o.files().Find(paths)
	return files, err
}

// files returns the options that are about files.
func (o Options) files() specfile.Options {
	return specfile.Options{
		Root: o.Root, Recursive: o.Recursive, Context: o.Context, Pipes: o.Pipes, Stdin: o.Stdin,
		Reread: o.Reread, OnFind: o.OnFind, OnOpen: o.OnOpen, OnList: o.OnList, Keys: topKeys,
	}
}

// LooksLikeSpec reports whether a text is a spec, or a part of one: it declares
// resources, or has the keys of a spec and no others. The text may have other
// errors. Plans and reports are not specs, though they share keys.
func LooksLikeSpec(text []byte) bool { return topKeys.LooksLikeSpec(text) }

// ParseDuration parses a duration as specs hold it: as Go does, and d for days of
// 24 hours.
func ParseDuration(s string) (time.Duration, error) { return decode.ParseDuration(s) }
