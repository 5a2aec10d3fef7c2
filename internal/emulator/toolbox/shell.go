package toolbox

import (
	"path"
	"strconv"
	"strings"
	"time"
)

// Output is the result of a command.
type Output struct {
	Code     int           // exit code
	Text     string        // standard output and standard error
	Duration time.Duration // run time
}

// shellScript returns the script of a line such as sh -c '...', or else the line
// itself.
func shellScript(line string) string {
	words := splitWords(line)
	if len(words) != 3 || words[1] != "-c" && words[1] != "-lc" {
		return line
	}
	switch path.Base(words[0]) {
	case "sh", "bash":
		return words[2]
	}
	return line
}

// interpret executes one simple command. All other commands succeed without output.
func interpret(script string) Output {
	if strings.ContainsAny(script, "|&;<>()$`\n") {
		return Output{}
	}
	words := splitWords(script)
	if len(words) == 0 {
		return Output{}
	}
	switch name, rest := words[0], words[1:]; {
	case name == "false":
		return Output{Code: 1}
	case name == "echo":
		return Output{Text: strings.Join(rest, " ") + "\n"}
	case name == "exit" && len(rest) == 1:
		code, err := strconv.Atoi(rest[0])
		if err != nil {
			return Output{Code: 2, Text: "exit: Illegal number: " + rest[0] + "\n"}
		}
		return Output{Code: code & 0xff}
	case name == "sleep" && len(rest) == 1:
		seconds, err := strconv.ParseFloat(rest[0], 32)
		if err != nil || !(seconds >= 0) {
			return Output{Code: 1, Text: "sleep: invalid time interval '" + rest[0] + "'\n"}
		}
		return Output{Duration: time.Duration(min(seconds, 1e6) * float64(time.Second))}
	}
	return Output{}
}

// splitWords splits a line at spaces outside of quotes. A backslash escapes a quote,
// except within single quotes.
func splitWords(line string) []string {
	var words []string
	var word strings.Builder
	var quote rune
	begun, escaped := false, false
	for i, r := range line {
		switch {
		case escaped:
			word.WriteRune(r)
			escaped = false
		case r == '\\' && quote != '\'' && i+1 < len(line) && strings.ContainsRune(`'"\`, rune(line[i+1])):
			escaped, begun = true, true
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, begun = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if begun {
				words = append(words, word.String())
			}
			word.Reset()
			begun = false
		default:
			word.WriteRune(r)
			begun = true
		}
	}
	if begun {
		words = append(words, word.String())
	}
	return words
}
