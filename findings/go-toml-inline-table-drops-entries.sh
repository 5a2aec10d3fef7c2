#!/bin/sh
# Whether a map keeps its entries when TOML is decoded into it depends on the spelling of the table.
#
# Expected:    a = {x = 1}, a.x = 1 and [a] x = 1 are one document, and decoding it into a value with defaults gives one
#              result.
# Behaviour:   pelletier/go-toml adds the key to a map for [a] and a.x, and replaces the map for the inline table. It
#              keeps the default fields of a struct in all three. BurntSushi/toml adds in all three, but leaves in an
#              element of an array of tables the fields of the default element in its place.
# Version:     github.com/pelletier/go-toml/v2 2.4.3; github.com/BurntSushi/toml 1.6.0.
# Consequence: a pyproject.toml that a formatter rewrote installs other packages if defaults were there before decoding.
#              fleet decodes TOML into empty values.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"strings"

	burntsushi "github.com/BurntSushi/toml"
	pelletier "github.com/pelletier/go-toml/v2"
)

type source struct{ Name, URL string }

type project struct {
	Groups  map[string]string
	Tool    source
	Sources []source
}

// defaults is what a program may set before it decodes a file.
func defaults() project {
	return project{
		Groups:  map[string]string{"base": "pip"},
		Tool:    source{"uv", "default"},
		Sources: []source{{"main", "default"}},
	}
}

func main() {
	for _, text := range []string{
		"[Groups]\ndev = 'pytest'",
		"Groups.dev = 'pytest'",
		"Groups = {dev = 'pytest'}",
		"Tool = {Name = 'pip'}",
		"[[Sources]]\nName = 'mirror'",
	} {
		one, two := defaults(), defaults()
		if err := pelletier.Unmarshal([]byte(text), &one); err != nil {
			panic(err)
		}
		if err := burntsushi.Unmarshal([]byte(text), &two); err != nil {
			panic(err)
		}
		fmt.Printf("%s\n  pelletier  %v\n  BurntSushi %v\n", strings.ReplaceAll(text, "\n", " / "), one, two)
	}
}
GO
{
	go mod init finding
	go get github.com/pelletier/go-toml/v2@v2.4.3 github.com/BurntSushi/toml@v1.6.0
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
[Groups] / dev = 'pytest'
  pelletier  {map[base:pip dev:pytest] {uv default} [{main default}]}
  BurntSushi {map[base:pip dev:pytest] {uv default} [{main default}]}
Groups.dev = 'pytest'
  pelletier  {map[base:pip dev:pytest] {uv default} [{main default}]}
  BurntSushi {map[base:pip dev:pytest] {uv default} [{main default}]}
Groups = {dev = 'pytest'}
  pelletier  {map[dev:pytest] {uv default} [{main default}]}
  BurntSushi {map[base:pip dev:pytest] {uv default} [{main default}]}
Tool = {Name = 'pip'}
  pelletier  {map[base:pip] {pip default} [{main default}]}
  BurntSushi {map[base:pip] {pip default} [{main default}]}
[[Sources]] / Name = 'mirror'
  pelletier  {map[base:pip] {uv default} [{mirror }]}
  BurntSushi {map[base:pip] {uv default} [{mirror default}]}
WANT
