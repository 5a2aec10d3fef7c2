// Package image builds Dockerfiles from the images of specs: a base or a Dockerfile, and
// steps. It does not use the network. It reads only the files whose content decides the
// Dockerfile; the files that a build copies are named in [Build.Sources].
package image

import (
	"fleet/internal/diagnostic"
	"fleet/internal/dockerfile"
	"fleet/internal/yamldoc"
)

// A Definition is an image as a spec declares it.
type Definition struct {
	Base  Base   // the zero Base if the first step is from_dockerfile
	Steps []Step // in order
	Args  []Arg  // build arguments, in order; the last of a name takes precedence
	Pos   diagnostic.Position
	Path  string // in the spec, such as images.python
}

// A Base is the beginning of a Dockerfile.
type Base struct {
	Name string // of its row in [Bases]
	Text string // Dockerfile, with LF line ends; that of a file may lack the final one
	Dir  string // directory of the local files that Text copies, relative to the working directory
	File string // path of the Dockerfile, relative to the working directory; empty if the spec contains the text
	Pos  diagnostic.Position
	Path string // in the spec

	lineAt func(line int) diagnostic.Position // of the lines of Text in the spec; nil means Pos
}

// A Step is one item of the steps of an image.
type Step struct {
	Name string // of its row in [Steps]
	Pos  diagnostic.Position
	Path string // in the spec, such as images.python.steps[2].workdir

	root string // directory of the file that contains the step
	part part
}

// An Arg is the value of a build argument. It replaces the default of each ARG with its
// name.
type Arg struct {
	Name, Value string
	Pos         diagnostic.Position
	Path        string
}

// A Build is what a definition stands for.
type Build struct {
	Dockerfile string
	Sources    []Source // in the order of the instructions that copy them
}

// A Source is a local file or directory, or a pattern of them, that a build copies.
type Source struct {
	Root      string // directory that Pattern is relative to; relative to the working directory
	Pattern   string // slash-separated path below Root, or an absolute path
	IsPattern bool   // Pattern has the wildcards of Docker
	Archive   string // path in the build context; empty if each file keeps its path below Root
	Kind      SourceKind

	Pos            diagnostic.Position // of the step or Dockerfile in the spec
	Path           string              // in the spec
	Line           int                 // of the text of the Dockerfile or commands, from 1; 0 for other steps
	DockerfilePath string              // Dockerfile that contains the line; empty if the spec contains it
}

// A SourceKind states which kind of file a source must be.
type SourceKind int

// The kinds of sources.
const (
	AnySource SourceKind = iota
	FileSource
	DirSource
)

// A Problem is an error or a warning about a definition as a whole.
type Problem struct {
	Pos           diagnostic.Position
	Path          string // in the spec
	Message, Hint string
	Rule          string // code of a warning; empty for an error
}

// A part renders the lines of a step.
type part interface {
	render(w *writer)
}

// Build returns the Dockerfile and the sources of a definition, and the mistakes that
// only the whole definition shows.
func (d Definition) Build() (Build, []Problem) {
	w := &writer{}
	w.base(d.Base)
	for _, s := range d.Steps {
		w.begin(s)
		s.part.render(w)
		w.end()
	}
	text, problems := applyArgs(w.text.String(), d.Args)
	problems = append(d.check(), problems...)
	f, err := dockerfile.Parse(text)
	problems = append(problems, w.check(f, err)...)
	sources, more := w.allSources(f)
	problems = append(problems, more...)
	return Build{Dockerfile: text, Sources: sources}, append(problems, clashes(sources)...)
}

// check returns the mistakes in the order of the steps.
func (d Definition) check() []Problem {
	var all []Problem
	if d.Base.Name == "" && (len(d.Steps) == 0 || d.Steps[0].Name != fromDockerfile) {
		all = append(all, Problem{Pos: d.Pos, Path: d.Path, Message: "an image needs exactly one of " + joinNames(Bases)})
	}
	for i, s := range d.Steps {
		if s.Name != fromDockerfile || i == 0 && d.Base.Name == "" {
			continue
		}
		p := Problem{Pos: s.Pos, Path: s.Path, Message: "a Dockerfile is the beginning of an image: it must be the first step"}
		if i == 0 {
			p.Message = "a Dockerfile is the beginning of an image, which has " + d.Base.Name + " already"
		}
		p.Hint = "remove the other beginning, or append the lines by dockerfile_commands"
		all = append(all, p)
	}
	return append(all, d.checkContinuation()...)
}

// at returns the path of an item in a list.
func at(path, key string) string { return yamldoc.Join(path, key) }
