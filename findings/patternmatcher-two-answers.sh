#!/bin/sh
# moby/patternmatcher gives two answers for one file if a line of .dockerignore matches again.
#
# Expected:    the last line that matches decides, whichever method of the library is asked.
# Behaviour:   MatchesOrParentMatches tests a path and its parents against each line in turn, so the last line wins.
#              MatchesUsingParentResults, for walks, does not test a folder against a line that cannot change the folder's
#              result, and records "no match". The files below inherit the record: if a line in between changed their
#              result, the later line that the folder matches does not change it back. Files are sent or left out wrongly.
# Version:     github.com/moby/patternmatcher 0.6.1.
# Consequence: a hash that asks one method and a tar that asks the other name one set of files and send a second one: a
#              file that changes is sent but does not rebuild, or is missing in the image. fleet has one function for
#              both.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	"github.com/moby/patternmatcher"
)

// walk asks for each parent first and hands its result down, as a walk through the tree does.
func walk(m *patternmatcher.PatternMatcher, path string) (ignored bool, err error) {
	var parent patternmatcher.MatchInfo
	parts := strings.Split(path, "/")
	for i := range parts {
		ignored, parent, err = m.MatchesUsingParentResults(strings.Join(parts[:i+1], "/"), parent)
		if err != nil {
			return false, err
		}
	}
	return ignored, nil
}

func main() {
	for _, lines := range [][]string{
		{"logs", "!logs/keep"},
		{"logs", "!logs/keep", "logs"},
		{"src/gen", "!src", "src/gen/old"},
	} {
		m, err := patternmatcher.New(lines)
		if err != nil {
			panic(err)
		}
		for _, path := range []string{"logs/keep", "src/gen/api.go"} {
			direct, err := m.MatchesOrParentMatches(path)
			if err != nil {
				panic(err)
			}
			walked, err := walk(m, path)
			if err != nil {
				panic(err)
			}
			fmt.Printf("%-28s %-14s direct %-5v walk %v\n", strings.Join(lines, " "), path, direct, walked)
		}
	}
}
GO
{
	go mod init finding
	go get github.com/moby/patternmatcher@v0.6.1
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
logs !logs/keep              logs/keep      direct false walk false
logs !logs/keep              src/gen/api.go direct false walk false
logs !logs/keep logs         logs/keep      direct true  walk false
logs !logs/keep logs         src/gen/api.go direct false walk false
src/gen !src src/gen/old     logs/keep      direct false walk false
src/gen !src src/gen/old     src/gen/api.go direct false walk true
WANT
