package toolbox

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"fleet/internal/emulator/world"
)

// Languages are the languages of programs.
var Languages = []string{"python", "javascript", "typescript"}

// RunCode returns the output of a program: that of the first rule whose command matches
// its text, or else what its lines print.
func (s *Scripts) RunCode(sb *world.Sandbox, code string) Output {
	if r := s.ruleFor(sb, strings.TrimSpace(code)); r != nil {
		return Output{r.ExitCode, r.Output, time.Duration(r.Delay)}
	}
	return interpretCode(code)
}

var (
	// printing matches a line that prints one literal text or number.
	printing = regexp.MustCompile(`^(?:print|console\.log)\(\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?[0-9]+(?:\.[0-9]+)?))\s*\)\s*;?$`)
	// exiting matches a line that ends a program.
	exiting = regexp.MustCompile(`^(?:exit|sys\.exit|process\.exit)\(\s*([0-9]{0,3})\s*\)\s*;?$`)
	escapes = strings.NewReplacer(`\n`, "\n", `\t`, "\t", `\\`, `\`, `\'`, `'`, `\"`, `"`)
)

// interpretCode executes the lines of a program that print a literal or exit. All other
// lines succeed and print nothing.
func interpretCode(code string) Output {
	var out Output
	for line := range strings.Lines(code) {
		line = strings.TrimRight(line, " \t\r\n")
		if m := printing.FindStringSubmatch(line); m != nil {
			out.Text += escapes.Replace(m[1]+m[2]) + m[3] + "\n"
		}
		if m := exiting.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1]) // "" means 0
			out.Code = n & 0xff
			break
		}
	}
	return out
}
