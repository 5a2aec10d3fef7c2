#!/bin/sh
# python-dotenv replaces ${NAME} inside of single quotes.
#
# Expected:    single quotes mean the text as it is, as in sh, docker compose and npm's dotenv.
# Behaviour:   python-dotenv unquotes first and replaces ${NAME} and ${NAME:-DEFAULT} afterwards, so no quotes and no
#              backslash keep them. There is no way to write a value with ${NAME} in it. $NAME stays as it is.
# Version:     python-dotenv 0.21.0 (Debian 12); npm dotenv 17.4.2 for comparison.
# Consequence: a password that holds ${ is another one, or an empty part, in Python. fleet refuses such a DAYTONA_ value
#              in dotenv files, and fleet export --secrets-file does not write one.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund dotenv@17.4.2
apt-get download -qq python3-dotenv=0.21.0-1 2> /dev/null
dpkg -x python3-dotenv_0.21.0-1_all.deb python
cat > file <<'FILE'
HOST=example
SINGLE='a${HOST}b'
ESCAPED="a\${HOST}b"
BARE='a$HOST'
FILE
{
	node -e 'console.log("npm   ", JSON.stringify(require("dotenv").parse(require("fs").readFileSync("file"))))'
	PYTHONPATH=python/usr/lib/python3/dist-packages python3 -c '
import json, dotenv
print("python", json.dumps(dotenv.dotenv_values("file"), separators=(",", ":")))'
} | tee got
diff - got <<'WANT'
npm    {"HOST":"example","SINGLE":"a${HOST}b","ESCAPED":"a\\${HOST}b","BARE":"a$HOST"}
python {"HOST":"example","SINGLE":"aexampleb","ESCAPED":"a\\exampleb","BARE":"a$HOST"}
WANT
