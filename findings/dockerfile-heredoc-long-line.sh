#!/bin/sh
# A long line in a here-document of a Dockerfile is reported as a missing end of the document.
#
# Expected:    COPY <<"EOF" takes any text up to the line EOF; what is copied may have lines of any length, as files have.
# Behaviour:   BuildKit's parser takes no line above 65535 bytes. In an instruction the error says so. In a here-document
#              the parser stops at the line and reports "unterminated heredoc", without a line, though EOF is there. Parts
#              joined by backslashes may be longer together, but a here-document cannot join lines.
# Version:     github.com/moby/buildkit 0.34.2.
# Consequence: a minified script, a bundle or encoded data that is written into the Dockerfile fails, and one looks for
#              the delimiter. Such files have to be sent as files of the context.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/moby/buildkit/frontend/dockerfile/parser"
)

func show(what, text string) {
	_, err := parser.Parse(strings.NewReader("FROM scratch\n" + text))
	fmt.Printf("%-44s %v\n", what, err)
}

func main() {
	show("here-document with a line of 65535", "COPY <<\"EOF\" /x\n"+strings.Repeat("a", 65535)+"\nEOF\n")
	show("here-document with a line of 65536", "COPY <<\"EOF\" /x\n"+strings.Repeat("a", 65536)+"\nEOF\n")
	show("RUN of 65536", "RUN "+strings.Repeat("a", 65532)+"\n")
	show("RUN of twice 65535, joined by a backslash", "RUN "+strings.Repeat("a", 65530)+"\\\n"+strings.Repeat("a", 65535)+"\n")
}
GO
{
	go mod init finding
	go get github.com/moby/buildkit/frontend/dockerfile/parser@v0.34.2
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
here-document with a line of 65535           <nil>
here-document with a line of 65536           unterminated heredoc
RUN of 65536                                 dockerfile line greater than max allowed size of 65535
RUN of twice 65535, joined by a backslash    <nil>
WANT
