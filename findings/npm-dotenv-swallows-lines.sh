#!/bin/sh
# npm's dotenv takes the next line for the value of a name with a colon.
#
# Expected:    a setting ends with its line unless its value is quoted; `KEY:` without a value is nothing, or empty.
# Behaviour:   `KEY: value` is a setting, and the white space after the colon may be a line break: after `A:` the whole
#              next line, `B=2`, becomes the value of A, and B does not exist. In the same way a quote that opens on the line
#              after `C=` is the value of C. python-dotenv reads B, an empty C, and a name with a quote in it.
# Version:     npm dotenv 17.4.2 (16.6.1 and 18.0.10 behave alike); python-dotenv 0.21.0 (Debian 12) for comparison.
# Consequence: a line that is being written, or one of YAML, hides the setting below it: the key of that line is missing
#              in one language and there in the other. fleet refuses DAYTONA_ settings that only one of them reads.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --ignore-scripts --no-audit --no-fund dotenv@17.4.2
apt-get download -qq python3-dotenv=0.21.0-1 2> /dev/null
dpkg -x python3-dotenv_0.21.0-1_all.deb python
cat > file <<'FILE'
A:
B=2
C=
"D=4"
FILE
{
	node -e 'console.log("npm   ", JSON.stringify(require("dotenv").parse(require("fs").readFileSync("file"))))'
	PYTHONPATH=python/usr/lib/python3/dist-packages python3 -c '
import json, logging, dotenv
logging.disable(logging.CRITICAL)
print("python", json.dumps(dotenv.dotenv_values("file"), separators=(",", ":")))'
} | tee got
diff - got <<'WANT'
npm    {"A":"B=2","C":"D=4"}
python {"A:":null,"B":"2","C":"","\"D":"4\""}
WANT
