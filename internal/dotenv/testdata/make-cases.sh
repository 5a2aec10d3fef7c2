#!/bin/sh
# Writes cases.json: what npm's dotenv and python-dotenv read in each text of
# texts.json. null stands for a name without a value.
#
# It needs node, npm and a python3 that can import dotenv, from the package
# python-dotenv or Debian's python3-dotenv (PYTHONPATH may name its directory).
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund dotenv@17.4.2
cat > read.py <<'PYTHON'
import json, logging, os, sys
from dotenv import dotenv_values
try:
    from importlib.metadata import version
    v = version("python-dotenv")
except Exception:
    from dotenv.version import __version__ as v
logging.disable(logging.CRITICAL)
os.environ.clear()
read = []
for text in json.load(open(sys.argv[1], encoding="utf-8")):
    with open("file", "w", newline="", encoding="utf-8") as f:
        f.write(text)
    read.append(dict(dotenv_values("file", encoding="utf-8")))
json.dump({"version": v, "read": read}, open("python.json", "w"))
PYTHON
cat > read.js <<'NODE'
const fs = require('fs')
const dotenv = require('dotenv')
const python = JSON.parse(fs.readFileSync('python.json', 'utf8'))
const texts = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const cases = texts.map((text, i) => '    ' + JSON.stringify({
  text, npm: dotenv.parse(Buffer.from(text)), python: python.read[i]
}))
const versions = { npm: require('dotenv/package.json').version, python: python.version }
fs.writeFileSync(process.argv[3],
  `{\n  "versions": ${JSON.stringify(versions)},\n  "cases": [\n${cases.join(',\n')}\n  ]\n}\n`)
NODE
python3 read.py "$here/texts.json"
node read.js "$here/texts.json" "$here/cases.json"
