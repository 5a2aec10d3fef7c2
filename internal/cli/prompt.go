package cli

import (
	"bufio"
	"context"
	"fmt"
	"strings"

	"fleet/internal/input"
)

// answerReader are what is typed at the terminal, line by line.
type answerReader struct{ lines *bufio.Reader }

// newAnswerReader reads from standard input until ctx ends.
func (a *app) newAnswerReader(ctx context.Context) answerReader {
	return answerReader{bufio.NewReaderSize(input.NewReader(ctx, a.In), input.MaxLine)}
}

// next returns the next answer without the blanks around it. An error is the
// end of the input, that of the context, or a line that no person types.
func (x answerReader) next() (string, error) {
	line, err := x.lines.ReadSlice('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(string(line)), nil
}

// interruptedError is the error of a command that a signal ended while it asked.
func (a *app) interruptedError(outcome string) error {
	return &exitError{codeSignal + a.interrupt.signalNumber(), fmt.Errorf("interrupted; %s", outcome)}
}
