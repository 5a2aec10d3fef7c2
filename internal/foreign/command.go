package foreign

import (
	"bytes"
	"regexp"
)

// What the beginning of a text is to the programs that read logs of CI jobs.
type commandness int

const (
	commandNone commandness = iota
	commandBegin
	commandWhole
)

// Commands of GitHub's runner begin a line, after blanks, with :: or are anywhere
// after ##[; those of Azure Pipelines after ##vso[ or ##[, and TeamCity's after
// ##teamcity[.
var (
	hashCommand = regexp.MustCompile(`^##[a-z]{0,16}\[`)
	hashBegin   = regexp.MustCompile(`^##?[a-z]{0,16}$`)
)

// command tells whether a text begins with a command. Its first character is
// escaped then, which ends it.
func (w *Writer) command(text []byte) commandness {
	switch text[0] {
	case ':':
		switch {
		case w.begun:
		case len(text) == 1:
			return commandBegin
		case bytes.HasPrefix(text, []byte("::")):
			return commandWhole
		}
	case '#':
		switch {
		case hashCommand.Match(text):
			return commandWhole
		case hashBegin.Match(text):
			return commandBegin
		}
	}
	return commandNone
}
