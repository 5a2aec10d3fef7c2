#!/bin/sh
# An --index-url inside of a requirements file replaces the one of pip's command line, for all packages of the command.
#
# Expected:    options of the command line win over those of a file, as they win over pip.conf and the environment.
# Behaviour:   the file's --index-url replaces the command line's, also for packages that the command line or another
#              requirements file names; of two files the last one wins. --extra-index-url only adds an index.
# Version:     pip 23.0.1 (Debian 12).
# Consequence: pip_install_from_requirements with index_url asks the index of the file, not the one that the spec names
#              and the plan shows. A mirror, or a test against another index, has to replace the line in the file.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq python3-pip=23.0.1+dfsg-1 2> /dev/null
dpkg -x python3-pip_23.0.1+dfsg-1_all.deb pip
cat > index.py <<'PY'
import os, zipfile
for index, version in (("mirror", "1"), ("other", "2")):
    for name in ("app", "lib"):
        folder, info = f"{index}/{name}", f"{name}-{version}.dist-info"
        os.makedirs(folder)
        wheel = f"{name}-{version}-py3-none-any.whl"
        with zipfile.ZipFile(f"{folder}/{wheel}", "w") as z:
            z.writestr(f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
            z.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            z.writestr(f"{info}/RECORD", "")
        with open(f"{folder}/index.html", "w") as page:
            page.write(f'<a href="{wheel}">{wheel}</a>\n')
PY
python3 index.py
echo app > plain.txt
printf -- '--index-url file://%s/other\napp\n' "$work" > index.txt
printf -- '--index-url file://%s/mirror\nlib\n' "$work" > last.txt
printf -- '--extra-index-url file://%s/other\napp\n' "$work" > extra.txt
try() {
	printf '%-42s' "$*"
	PYTHONPATH=pip/usr/lib/python3/dist-packages PIP_CONFIG_FILE=/dev/null PIP_DISABLE_PIP_VERSION_CHECK=1 python3 -m pip \
		install --quiet --dry-run --ignore-installed --root-user-action=ignore --report report \
		--index-url "file://$work/mirror" "$@"
	python3 -c '
import json
print(*sorted("{name} {version}".format(**i["metadata"]) for i in json.load(open("report"))["install"]), sep=", ")'
}
{
	try -r plain.txt lib
	try -r index.txt
	try -r index.txt lib
	try -r index.txt -r last.txt
	try -r extra.txt lib
} | tee got
diff - got <<'WANT'
-r plain.txt lib                          app 1, lib 1
-r index.txt                              app 2
-r index.txt lib                          app 2, lib 2
-r index.txt -r last.txt                  app 1, lib 1
-r extra.txt lib                          app 2, lib 2
WANT
