#!/bin/sh
# The JSON form of COPY does not take its words as they are: quotes, backslashes and dollar signs are read a second time.
#
# Expected:    COPY ["it's.txt", "/x/"] names the file it's.txt. JSON has its own quoting, and the manual offers this form
#              for names that the plain form cannot write. CMD ["$HOME"] is not expanded either.
# Behaviour:   BuildKit decodes the JSON and expands each word as one of the shell afterwards: a quote opens a string (and
#              is an error if it does not close), a pair of quotes vanishes, a backslash goes, $NAME is replaced. Each
#              such character needs a backslash of the word's own, which is two in JSON.
# Version:     github.com/moby/buildkit 0.34.2.
# Consequence: a file list that is encoded with a JSON library copies other files, or fails. fleet escapes the words of
#              COPY for the expansion first and encodes them as JSON afterwards.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// copied returns the source that a COPY of one file looks for.
func copied(name string) (string, error) {
	words, err := json.Marshal([]string{name, "/x/"})
	if err != nil {
		return "", err
	}
	file, err := parser.Parse(strings.NewReader("FROM scratch\nCOPY " + string(words) + "\n"))
	if err != nil {
		return "", err
	}
	stages, _, err := instructions.Parse(file.AST, nil)
	if err != nil {
		return "", err
	}
	command := stages[0].Commands[0].(*instructions.CopyCommand)
	lex, env := shell.NewLex('\\'), shell.EnvsFromSlice([]string{"price=9"})
	err = command.Expand(func(word string) (string, error) {
		expanded, _, err := lex.ProcessWord(word, env)
		return expanded, err
	})
	if err != nil {
		return "", err
	}
	return command.SourcePaths[0], nil
}

func main() {
	for _, name := range []string{"two words.txt", "it's.txt", "'quoted'.txt", `back\slash.txt`, "$price.txt", `it\'s \$price.txt`} {
		source, err := copied(name)
		if err != nil {
			source = "error"
		}
		fmt.Printf("%-18s -> %s\n", name, source)
	}
}
GO
{
	go mod init finding
	go get github.com/moby/buildkit/frontend/dockerfile/instructions@v0.34.2
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
two words.txt      -> two words.txt
it's.txt           -> error
'quoted'.txt       -> quoted.txt
back\slash.txt     -> backslash.txt
$price.txt         -> 9.txt
it\'s \$price.txt  -> it's $price.txt
WANT
