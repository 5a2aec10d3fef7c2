#!/bin/sh
# moby/go-archive makes an empty archive, without an error, of a folder that does not exist or files that are missing.
#
# Expected:    an error from TarWithOptions, or from reading the archive, as tar -c has exit code 2 for a missing file.
# Behaviour:   both are nil. The missing file is left out, and a folder that does not exist is an archive without an
#              entry. The one trace is a line of the process's global logger. A pattern in IncludeFiles is a name that is
#              missing.
# Version:     github.com/moby/go-archive 0.3.3.
# Consequence: a typing error in the path of a context uploads 1024 bytes of nothing, under a hash that looks like any
#              other, and the build fails on the server; without COPY of that file it even passes. fleet has a writer of
#              its own, for which a source that is missing is an error.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
mkdir context
touch context/a.txt
cat > main.go <<'GO'
package main

import (
	"archive/tar"
	"errors"
	"fmt"
	"io"

	"github.com/moby/go-archive"
	"github.com/sirupsen/logrus"
)

func show(folder string, files ...string) {
	fmt.Printf("%s %q:", folder, files)
	stream, err := archive.TarWithOptions(folder, &archive.TarOptions{IncludeFiles: files})
	if err != nil {
		fmt.Println(" error of TarWithOptions")
		return
	}
	defer stream.Close()
	for entries := tar.NewReader(stream); ; {
		entry, err := entries.Next()
		if errors.Is(err, io.EOF) {
			fmt.Println(" end, no error")
			return
		}
		if err != nil {
			fmt.Println(" error of the archive")
			return
		}
		fmt.Print(" ", entry.Name)
	}
}

func main() {
	logrus.SetOutput(io.Discard)
	show("context", "a.txt")
	show("context", "a.txt", "b.txt")
	show("context", "b.txt")
	show("context", "*.txt")
	show("contxet")
}
GO
{
	go mod init finding
	go get github.com/moby/go-archive@v0.3.3 github.com/sirupsen/logrus@v1.10.2
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
context ["a.txt"]: a.txt end, no error
context ["a.txt" "b.txt"]: a.txt end, no error
context ["b.txt"]: end, no error
context ["*.txt"]: end, no error
contxet []: end, no error
WANT
