#!/bin/sh
# Daytona's TypeScript SDK writes ENTRYPOINT and CMD as JSON without escaping: a quote makes them a shell command.
#
# Expected:    entrypoint(['python', '-c', 'print("up")']) runs python with two arguments: a list is the exec form.
# Behaviour:   each word stands between double quotes as it is. A word with a quote makes the line no JSON, which is no
#              error: BuildKit takes the line, brackets included, for a command of /bin/sh -c. A backslash begins an
#              escape of JSON: \b in a word is a backspace in the image, \\ is one backslash.
# Version:     npm @daytonaio/sdk 0.218.0; github.com/moby/buildkit 0.34.2.
# Consequence: such an image builds and does not start. fleet's entrypoint and cmd are encoded as JSON; their text equals
#              the SDK's only where no word has a quote, a backslash or a control character.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund @daytonaio/sdk@0.218.0
cat > render.js <<'JS'
const { Image } = require('@daytonaio/sdk')
for (const words of [
  ['python', '-m', 'app'],
  ['python', '-c', 'print("up")'],
  ['grep', '\\bup', 'log'],
]) {
  process.stdout.write(Image.base('scratch').entrypoint(words).dockerfile.split('\n')[1] + '\n')
}
JS
cat > main.go <<'GO'
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/instructions"
	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func main() {
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		file, err := parser.Parse(strings.NewReader("FROM scratch\n" + lines.Text() + "\n"))
		if err != nil {
			panic(err)
		}
		stages, _, err := instructions.Parse(file.AST, nil)
		if err != nil {
			panic(err)
		}
		entry := stages[0].Commands[0].(*instructions.EntrypointCommand)
		fmt.Printf("%s\n  shell %v %q\n", lines.Text(), entry.PrependShell, entry.CmdLine)
	}
}
GO
{
	go mod init finding
	go get github.com/moby/buildkit/frontend/dockerfile/instructions@v0.34.2
} 2> log || { cat log; exit 1; }
node render.js 2> /dev/null | go run . | tee got
diff - got <<'WANT'
ENTRYPOINT ["python", "-m", "app"]
  shell false ["python" "-m" "app"]
ENTRYPOINT ["python", "-c", "print("up")"]
  shell true ["[\"python\", \"-c\", \"print(\"up\")\"]"]
ENTRYPOINT ["grep", "\bup", "log"]
  shell false ["grep" "\bup" "log"]
WANT
