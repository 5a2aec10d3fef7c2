package image

import (
	"sort"
	"strings"

	"fleet/internal/diagnostic"
)

// A writer collects the lines and the sources of a build.
type writer struct {
	text    strings.Builder
	spans   []span   // in order
	sources []source // that steps name themselves
	hasUV   bool     // an earlier step installed uv

	counted, breaks int // bytes of text whose line breaks are counted, and their number
}

// A span is the lines of the base or of a step.
type span struct {
	first, last int // last is less than first if there are none
	pos         diagnostic.Position
	path        string
	isBase      bool   // problems of its lines are reported where it is read
	isExplicit  bool   // the step names its sources itself
	dir         string // directory of the local files
	file        string // Dockerfile that contains the lines; empty if the spec contains them
	lineAt      func(line int) diagnostic.Position
}

// A source is a Source with the line that needs it.
type source struct {
	Source
	line int // of the whole Dockerfile
}

// lines returns the number of lines so far.
func (w *writer) lines() int {
	text := w.text.String()
	w.breaks += strings.Count(text[w.counted:], "\n")
	w.counted = len(text)
	if text != "" && !strings.HasSuffix(text, "\n") {
		return w.breaks + 1
	}
	return w.breaks
}

// base writes the beginning.
func (w *writer) base(b Base) {
	w.spans = append(w.spans, span{first: 1, pos: b.Pos, path: b.Path, isBase: true})
	basePart{b}.render(w)
	w.end()
}

// begin starts the lines of a step.
func (w *writer) begin(s Step) {
	if text := w.text.String(); text != "" && !strings.HasSuffix(text, "\n") {
		w.text.WriteString("\n")
	}
	w.spans = append(w.spans, span{first: w.lines() + 1, pos: s.Pos, path: s.Path, dir: s.root, isBase: s.Name == fromDockerfile})
}

// span returns the lines that are being written.
func (w *writer) span() *span { return &w.spans[len(w.spans)-1] }

// end ends the lines of a step.
func (w *writer) end() { w.span().last = w.lines() }

// scan makes the lines copy local files of a directory. lineAt returns the position of a
// line; nil means that of the step.
func (w *writer) scan(dir string, lineAt func(line int) diagnostic.Position) {
	w.span().dir, w.span().lineAt = dir, lineAt
}

// line writes an instruction of words that are quoted already.
func (w *writer) line(words ...string) {
	w.text.WriteString(strings.Join(words, " ") + "\n")
}

// local adds a local path that the step copies and returns its path in the build
// context.
func (w *writer) local(p localPath, kind SourceKind) string {
	archive, s := p.archive(), w.span()
	s.isExplicit = true
	w.sources = append(w.sources, source{line: w.lines() + 1, Source: Source{
		Root: p.root, Pattern: p.name, Archive: archive, Kind: kind, Pos: p.pos, Path: s.path,
	}})
	return archive
}

// at returns the lines that contain a line of the whole Dockerfile.
func (w *writer) at(line int) span {
	after := sort.Search(len(w.spans), func(i int) bool { return w.spans[i].first > line })
	return w.spans[max(after-1, 0)]
}

// place returns the position of a line of the whole Dockerfile in the spec, and its
// number in the text of its own.
func (s span) place(line int) (diagnostic.Position, int) {
	own := line - s.first + 1
	if s.lineAt == nil {
		return s.pos, own
	}
	return s.lineAt(own), own
}
