package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"fleet/internal/input"
)

// answers are what is typed at the terminal, line by line.
type answers struct{ lines *bufio.Reader }

// answers reads from standard input until ctx ends.
func (a *app) answers(ctx context.Context) answers {
	return answers{bufio.NewReaderSize(input.Reader(ctx, a.In), input.MaxLine)}
}

// next returns the next answer without the blanks around it. An error is the
// end of the input, that of the context, or a line that no person types.
func (x answers) next() (string, error) {
	line, err := x.lines.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(line)), nil
}

// interrupted is the error of a command that a signal ended while it asked.
func (a *app) interrupted(outcome string) error {
	return &exit{codeSignal + a.interrupt.number(), fmt.Errorf("interrupted; %s", outcome)}
}
