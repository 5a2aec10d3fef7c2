package dockerfile

import (
	"bufio"
	"fmt"
	"strings"
)

// maxLine is the length in bytes of the longest line that the parser reads.
const maxLine = bufio.MaxScanTokenSize - 1

// keptOfLongLine is the length of the part of a longer line that is parsed.
const keptOfLongLine = 1000

// cutLongLines reports the lines that are too long for the parser and shortens them, so
// that the rest of the Dockerfile is parsed as if they were not.
func cutLongLines(lines []string) Problems {
	var problems Problems
	for i, line := range lines {
		if len(line) <= maxLine {
			continue
		}
		problems = append(problems, Problem{
			Line: i + 1, Message: fmt.Sprintf("dockerfile line greater than max allowed size of %d", maxLine), Quoted: line,
			Hint: "break the line, or copy its text from a file",
		})
		lines[i] = strings.ToValidUTF8(line[:keptOfLongLine], "")
		if strings.HasSuffix(line, `\`) {
			lines[i] += `\`
		}
	}
	return problems
}
