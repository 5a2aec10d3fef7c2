package dockerfile

import (
	"cmp"
	"regexp"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
)

// A LocalSource is a file, a directory or a pattern of the build context that an
// instruction reads.
type LocalSource struct {
	Line        int    // of the instruction
	Instruction string // as one line
	Keyword     string // COPY, ADD, or RUN for a bind mount
	// Pattern is the path in the context with variables expanded, or as written if
	// Unknown is set. It is "." for an empty word, which copies the whole context. A COPY
	// and an ADD match it as a pattern.
	Pattern string
	// Unknown is the name of a variable whose value is not known; the pattern cannot be
	// checked then.
	Unknown string
	Dest    string   // the destination, with variables expanded as far as they are known
	Exclude []string // patterns of --exclude
	Parents bool     // --parents is set
	// Stage is the index of the stage. Docker may skip a stage that the last one does not
	// need; LocalSources returns its sources all the same.
	Stage int
}

// remoteSource matches sources that ADD downloads: URLs and Git repositories.
var remoteSource = regexp.MustCompile(`(?i)^(https?://|git://|ssh://|[a-z0-9_.-]+@[a-z0-9_.-]+:)`)

// LocalSources returns what COPY, ADD and the bind mounts of RUN read from the build
// context, in the order of the text. args are the values of build arguments; an argument
// without a value has its default.
func (f *File) LocalSources(args map[string]string) []LocalSource {
	var all []LocalSource
	f.walk(args, func(p place) { all = append(all, p.localSources()...) })
	return all
}

func (p place) localSources() []LocalSource {
	switch c := p.command.(type) {
	case *instructions.CopyCommand:
		if c.From != "" {
			return nil
		}
		return p.copied(c.SourcesAndDest, LocalSource{Exclude: c.ExcludePatterns, Parents: c.Parents})
	case *instructions.AddCommand:
		return p.copied(c.SourcesAndDest, LocalSource{Exclude: c.ExcludePatterns})
	case *instructions.RunCommand:
		mounts, unknown, err := p.mounts(c)
		if err != nil {
			return nil
		}
		var all []LocalSource
		for _, m := range mounts {
			if m.Type == instructions.MountTypeBind && m.From == "" {
				all = append(all, p.source(LocalSource{Pattern: orRoot(m.Source), Unknown: unknown, Dest: m.Target}))
			}
		}
		return all
	}
	return nil
}

// copied returns the local sources of a COPY or ADD. template has what they have in
// common.
func (p place) copied(c instructions.SourcesAndDest, template LocalSource) []LocalSource {
	var all []LocalSource
	template.Dest, _, _ = p.scope.expand(c.DestPath)
	for _, word := range c.SourcePaths {
		expanded, unknown, err := p.scope.expand(word)
		if err != nil {
			continue // Check reports it
		}
		s := template
		s.Pattern, s.Unknown = cmp.Or(expanded, "."), unknown
		if unknown != "" {
			s.Pattern = word
		}
		// The value of a variable at the start may be a URL.
		remote := p.Keyword == "ADD" && (remoteSource.MatchString(expanded) || unknown != "" && strings.HasPrefix(word, "$"))
		if !remote {
			all = append(all, p.source(s))
		}
	}
	return all
}

// source sets the position of a source.
func (p place) source(s LocalSource) LocalSource {
	s.Line, s.Instruction, s.Keyword, s.Stage = p.Line, p.String(), p.Keyword, p.Stage
	return s
}

// mounts returns the mounts of a RUN. unknown is a variable in them whose value is not
// known.
func (p place) mounts(c *instructions.RunCommand) (mounts []*instructions.Mount, unknown string, err error) {
	expand, name := p.scope.expander()
	if err := c.Expand(expand); err != nil {
		return nil, *name, err
	}
	return instructions.GetMounts(c), *name, nil
}

// orRoot returns the path of a mount, by default the whole context.
func orRoot(source string) string {
	if source == "" {
		return "/"
	}
	return source
}
