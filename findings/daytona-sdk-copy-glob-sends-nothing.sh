#!/bin/sh
# Daytona's TypeScript SDK uploads nothing for COPY with an asterisk, unless the COPY is written as JSON.
#
# Expected:    COPY data/*.csv and COPY ["data/*.csv", ...] send the same files: the SDK globs the sources of both.
# Behaviour:   the plain form is split by shell-quote, which returns a pattern as an object; the SDK keeps only strings. A
#              pattern is no source then, silently: COPY with a pattern alone sends nothing, and one with a pattern and a
#              file sends the file. Only patterns in JSON reach the glob library.
# Version:     npm @daytonaio/sdk 0.218.0 with shell-quote 1.10.0.
# Consequence: the Dockerfile is right and builds with docker, but on Daytona the build fails, or the image lacks files.
#              The context hashes of such an image say nothing about the files, so changed files make no new image. fleet
#              reads COPY with BuildKit's parser and refuses a source that matches nothing before it sends the build.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund @daytonaio/sdk@0.218.0 shell-quote@1.10.0
mkdir data
touch data/a.csv data/b.csv notes.txt
cat > show.js <<'JS'
const { Image } = require('@daytonaio/sdk')
for (const line of [
  'COPY data/a.csv /d/',
  'COPY data/*.csv /d/',
  'COPY notes.txt data/*.csv /d/',
  'COPY ["data/*.csv", "/d/"]',
]) {
  const sources = Image.base('debian:12').dockerfileCommands([line]).contextList.map((entry) => entry.sourcePath).sort()
  console.log(`${line.padEnd(30)} sends ${sources.join(' ') || 'nothing'}`)
}
JS
node show.js 2> /dev/null | tee got
diff - got <<'WANT'
COPY data/a.csv /d/            sends data/a.csv
COPY data/*.csv /d/            sends nothing
COPY notes.txt data/*.csv /d/  sends notes.txt
COPY ["data/*.csv", "/d/"]     sends data/a.csv data/b.csv
WANT
