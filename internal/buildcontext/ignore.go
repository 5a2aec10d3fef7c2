package buildcontext

import (
	"bytes"
	"fmt"
	"path"
	"path/filepath"
	"strings"

	"github.com/moby/patternmatcher"
	"github.com/moby/patternmatcher/ignorefile"

	"fleet/internal/input"
)

// MaxIgnoreFile is the size limit of an ignore file, in bytes. Larger files are lists of
// files rather than of patterns, and would take long to match.
const MaxIgnoreFile = 1 << 20

// ignoreRules are the patterns of an ignore file. The zero value ignores nothing. It
// must not be used by two goroutines at a time.
type ignoreRules struct {
	patterns []string
	lines    []int // the line of each pattern
	matcher  *patternmatcher.PatternMatcher
}

// A matchState is the result of the rules for a directory, needed for the paths in
// it. The zero value belongs to the root.
type matchState struct {
	ignored bool
	info    patternmatcher.MatchInfo
}

// readIgnoreFile reads an ignore file.
func readIgnoreFile(file string) (*ignoreRules, error) {
	text, err := input.ReadRegular(file, MaxIgnoreFile)
	if err != nil {
		return nil, err
	}
	return parseIgnoreFile(file, text)
}

// parseIgnoreFile returns the rules of the text of a file. Errors are [*IgnoreFileError].
func parseIgnoreFile(file string, text []byte) (*ignoreRules, error) {
	r := &ignoreRules{}
	text = bytes.TrimPrefix(text, []byte("\xef\xbb\xbf"))
	for i, line := range bytes.Split(text, []byte("\n")) {
		list, err := ignorefile.ReadAll(bytes.NewReader(line))
		if err == nil {
			err = checkPatterns(list)
		}
		if err != nil {
			return nil, &IgnoreFileError{File: file, Line: i + 1, Text: strings.TrimSpace(string(line)), Err: err}
		}
		for _, pattern := range list {
			r.patterns = append(r.patterns, pattern)
			r.lines = append(r.lines, i+1)
		}
	}
	return r.clone(), nil
}

// clone returns the same rules for use by another goroutine.
func (r *ignoreRules) clone() *ignoreRules {
	return &ignoreRules{patterns: r.patterns, lines: r.lines, matcher: newMatcher(r.patterns)}
}

// newMatcher returns a matcher for patterns that were checked.
func newMatcher(patterns []string) *patternmatcher.PatternMatcher {
	m, err := patternmatcher.New(patterns)
	if err != nil {
		panic(fmt.Sprintf("ignore patterns: %v", err))
	}
	return m
}

// checkPatterns returns an error if a pattern is malformed. The matcher finds some
// mistakes only when it uses a pattern.
func checkPatterns(patterns []string) error {
	if _, err := patternmatcher.New(patterns); err != nil {
		return err
	}
	for _, pattern := range patterns {
		m, err := patternmatcher.New([]string{strings.TrimPrefix(pattern, "!")})
		if err != nil {
			return err
		}
		if _, err := m.MatchesOrParentMatches("a"); err != nil {
			return err
		}
	}
	return nil
}

// match returns the state of a path in a directory with the state parent.
func (r *ignoreRules) match(file string, parent matchState) matchState {
	if len(r.patterns) == 0 {
		return matchState{}
	}
	ignored, info, err := r.matcher.MatchesUsingParentResults(file, parent.info)
	if err != nil { // the patterns were checked, and the states are the matcher's
		panic(fmt.Sprintf("ignore patterns: %v", err))
	}
	return matchState{ignored, info}
}

// state returns the state of a slash path, after those of the directories above it.
func (r *ignoreRules) state(file string) matchState {
	var s matchState
	if file == "." || len(r.patterns) == 0 {
		return s
	}
	for i := 0; i < len(file); i++ {
		if file[i] == '/' {
			s = r.match(file[:i], s)
		}
	}
	return r.match(file, s)
}

// ignores reports whether a slash path is ignored. The root never is.
func (r *ignoreRules) ignores(file string) bool { return r.state(file).ignored }

// decidingLine returns the line due to which an ignored path is ignored: without it,
// and the lines below it, the path would not be.
func (r *ignoreRules) decidingLine(file string) int {
	for n := len(r.patterns) - 1; n >= 0; n-- {
		shorter := &ignoreRules{patterns: r.patterns[:n], matcher: newMatcher(r.patterns[:n])}
		if !shorter.ignores(file) {
			return r.lines[n]
		}
	}
	return 0
}

// hasExceptionBelow reports whether an exception (!) may apply to a path below an
// ignored directory. If not, the directory need not be read.
func (r *ignoreRules) hasExceptionBelow(dir string) bool {
	if r.matcher == nil || !r.matcher.Exclusions() {
		return false
	}
	names := strings.Split(dir, "/")
	for _, p := range r.matcher.Patterns() {
		if p.Exclusion() && mayMatchBelow(strings.Split(filepath.ToSlash(p.String()), "/"), names) {
			return true
		}
	}
	return false
}

// mayMatchBelow reports whether a pattern may match a path below a directory.
func mayMatchBelow(pattern, dir []string) bool {
	for i, name := range dir {
		if i == len(pattern) {
			return false
		}
		if strings.Contains(pattern[i], "**") {
			return true
		}
		if ok, err := path.Match(pattern[i], name); err != nil {
			return true
		} else if !ok {
			return false
		}
	}
	return len(pattern) > len(dir)
}
