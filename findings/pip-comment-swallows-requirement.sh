#!/bin/sh
# A comment behind a requirement that ends with a backslash removes the next requirement.
#
# Expected:    a comment ends with its line: pip skips comment lines that end with a backslash, and sh, Python and
#              Dockerfiles have no comment that continues.
# Behaviour:   pip joins lines before it removes comments. It spares lines that are a comment as a whole, but behind a
#              requirement the comment and the next line become one line, and the next requirement is part of the comment.
#              pip installs the others and exits 0.
# Version:     pip 23.0.1 (Debian 12).
# Consequence: the image lacks a package that its requirements file names; one who reads the file does not see it. fleet
#              sends the file as it is and lists no packages of it.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq python3-pip=23.0.1+dfsg-1 2> /dev/null
dpkg -x python3-pip_23.0.1+dfsg-1_all.deb pip
cat > wheels.py <<'PY'
import zipfile
for name in ("app", "lib", "web"):
    info = f"{name}-1.dist-info"
    with zipfile.ZipFile(f"{name}-1-py3-none-any.whl", "w") as z:
        z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
        z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        z.writestr(f"{info}/RECORD", "")
PY
python3 wheels.py
try() {
	PYTHONPATH=pip/usr/lib/python3/dist-packages PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip \
		install --quiet --dry-run --ignore-installed --root-user-action=ignore --report report \
		--no-index --find-links . -r requirements.txt
	python3 -c '
import json
print("installed:", *sorted(i["metadata"]["name"] for i in json.load(open("report"))["install"]))'
}
{
	printf '%s\n' 'app' '# shares C:\cache\' 'lib' 'web' | tee requirements.txt
	try
	printf '%s\n' 'app # shares C:\cache\' 'lib' 'web' | tee requirements.txt
	try
} | tee got
diff - got <<'WANT'
app
# shares C:\cache\
lib
web
installed: app lib web
app # shares C:\cache\
lib
web
installed: app web
WANT
