#!/bin/sh
# Three libraries that read .dockerignore "as Docker does" leave out other files for the same line.
#
# Expected:    one file format, one result.
# Behaviour:   [!a] is "not a" for docker-py, as in sh and .gitignore, and "! or a" for Docker's own library and for
#              npm's, so that the opposite files are sent. docker-py and npm's compare without case: readme.md leaves
#              README.md out. npm's takes brackets for those of a regular expression: page(1) leaves page1 out and sends
#              page(1).
# Version:     github.com/moby/patternmatcher 0.6.1; docker-py 5.0.3 (Debian 12); npm @balena/dockerignore 1.0.2.
# Consequence: a file that one tool leaves out is in the context of the next, and its changes rebuild the image, or it is
#              missing. fleet has Docker's own library.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq python3-docker=5.0.3-1 python3-requests python3-urllib3 python3-idna python3-chardet python3-certifi \
	python3-websocket python3-packaging python3-six 2> /dev/null
for deb in *.deb; do
	dpkg -x "$deb" python
done
npm install --silent --ignore-scripts --no-audit --no-fund @balena/dockerignore@1.0.2
cat > main.go <<'GO'
package main

import (
	"fmt"
	"os"

	"github.com/moby/patternmatcher"
)

func main() {
	m, err := patternmatcher.New(os.Args[1:2])
	if err != nil {
		panic(err)
	}
	for _, name := range os.Args[2:] {
		ignored, err := m.MatchesOrParentMatches(name)
		if err != nil {
			panic(err)
		}
		if ignored {
			fmt.Print(" ", name)
		}
	}
}
GO
{
	go mod init finding
	go get github.com/moby/patternmatcher@v0.6.1
	go build -o moby .
} 2> log || { cat log; exit 1; }
cat > npm.js <<'JS'
const [line, ...names] = process.argv.slice(2)
const ignore = require('@balena/dockerignore')().add(line)
process.stdout.write(names.filter((name) => ignore.ignores(name)).map((name) => ' ' + name).join(''))
JS
cat > exclude.txt <<'PY'
import sys
from docker.utils.build import exclude_paths
line, *names = sys.argv[1:]
sent = exclude_paths("context", [line])
print("", *(name for name in names if name not in sent), end="")
PY
mkdir context
set -- README.md a.log b.log page1 'page(1)'
for name; do
	: > "context/$name"
done
for line in 'page1' '[!a].log' 'readme.md' 'page(1)'; do
	echo "$line"
	echo "  moby       $(./moby "$line" "$@")"
	echo "  docker-py  $(PYTHONPATH=python/usr/lib/python3/dist-packages python3 exclude.txt "$line" "$@")"
	echo "  npm        $(node npm.js "$line" "$@")"
done | tee got
diff - got <<'WANT'
page1
  moby        page1
  docker-py   page1
  npm         page1
[!a].log
  moby        a.log
  docker-py   b.log
  npm         a.log
readme.md
  moby       
  docker-py   README.md
  npm         README.md
page(1)
  moby        page(1)
  docker-py   page(1)
  npm         page1
WANT
