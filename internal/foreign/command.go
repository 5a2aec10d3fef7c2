package foreign

import (
	"bytes"
	"regexp"
)

// What the beginning of a text is to the programs that read logs of CI jobs.
type commandMatch int

const (
	commandNone commandMatch = iota
	commandPrefix
	commandFull
)

// Commands of GitHub's runner begin a line, after blanks, with :: or are anywhere
// after ##[; those of Azure Pipelines after ##vso[ or ##[, and TeamCity's after
// ##teamcity[.
var (
	hashCommand = regexp.MustCompile(`^##[a-z]{0,16}\[`)
	hashPrefix  = regexp.MustCompile(`^##?[a-z]{0,16}$`)
)

// matchCommand tells whether a text begins with a command. Its first character is
// escaped then, which ends it.
func (w *Writer) matchCommand(text []byte) commandMatch {
	switch text[0] {
	case ':':
		switch {
		case w.lineStarted:
		case len(text) == 1:
			return commandPrefix
		case bytes.HasPrefix(text, []byte("::")):
			return commandFull
		}
	case '#':
		switch {
		case hashCommand.Match(text):
			return commandFull
		case hashPrefix.Match(text):
			return commandPrefix
		}
	}
	return commandNone
}
