#!/bin/sh
# In a Dockerfile, a shift in the shell's arithmetic begins a here-document, and so does << in a comment of the shell.
#
# Expected:    RUN hands its line to sh, and sh reads no here-document in $((1 << 4)), nor in a comment after #.
# Behaviour:   BuildKit looks for << at the start of each word, without the shell's grammar: $((1<<4)) works, $((1 << 4))
#              takes the lines that follow for the body of a document, down to the end of the file. The error,
#              "unterminated heredoc", has no line. Quotes around << help, which an arithmetic expression cannot have.
# Version:     github.com/moby/buildkit 0.34.2.
# Consequence: a command that works in each shell is no RUN. fleet reads each Dockerfile, a rendered one too, with the
#              same parser, so that fleet validate reports it and not the build.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	for _, command := range os.Args[1:] {
		file, err := parser.Parse(strings.NewReader("FROM scratch\nRUN " + command + "\nENV A=1\n"))
		if err != nil {
			fmt.Printf("%-28s %v\n", command, err)
			continue
		}
		fmt.Printf("%-28s %d instructions\n", command, len(file.AST.Children))
	}
}
GO
{
	go mod init finding
	go get github.com/moby/buildkit/frontend/dockerfile/parser@v0.34.2
} 2> log || { cat log; exit 1; }
set -- 'echo $((1<<4))' 'echo $((1 << 4))' 'echo 8 # and not 1 <<4' "echo '1 << 4'"
{
	go run . "$@"
	for command; do
		sh -c "$command"
	done
} | tee got
diff - got <<'WANT'
echo $((1<<4))               3 instructions
echo $((1 << 4))             unterminated heredoc
echo 8 # and not 1 <<4       unterminated heredoc
echo '1 << 4'                3 instructions
16
16
8
1 << 4
WANT
