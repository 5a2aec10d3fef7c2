package foreign

import (
	"bytes"
	"regexp"
)

// commandMatch is whether a text begins with a command to a CI runner.
type commandMatch int

const (
	commandNone   commandMatch = iota
	commandPrefix              // the text may be the beginning of a command
	commandFull
)

// Commands of GitHub's runner begin with :: at the start of a line, after blanks, or
// with ##[ anywhere; those of Azure Pipelines with ##vso[ or ##[, and TeamCity's with
// ##teamcity[.
var (
	hashCommand = regexp.MustCompile(`^##[a-z]{0,16}\[`)
	hashPrefix  = regexp.MustCompile(`^##?[a-z]{0,16}$`)
)

// matchCommand reports whether a text begins with a command. Escaping its first
// character disables the command.
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
