#!/bin/sh
# apt-get installs other packages, and exits 0, if a package with a dot in its name does not exist.
#
# Expected:    "Unable to locate package", as for each other name that the release does not have.
# Behaviour:   a name that is not found and has a dot, an asterisk or a question mark is a regular expression, which may
#              match anywhere in the name of a package. All matches are installed, -y asks nothing, and a "Note, selecting
#              ... for regex" is all that the log has. NAME=VERSION is one too. Versions put dots into many names: instead
#              of an interpreter that a newer release dropped come its documentation and libraries, and the names that
#              only look like it.
# Version:     apt 2.6.2 (Debian 12).
# Consequence: after a change of the base image, an image builds without the program that its apt_install names, and the
#              first use of it fails. ^NAME$ with escaped dots is a pattern as well, but an error if no package matches.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq apt=2.6.2 libapt-pkg6.0=2.6.2 2> /dev/null
for deb in *.deb; do
	dpkg -x "$deb" apt
done
for name in lang3.1-doc liblang3.1 lang3.2 lang321; do
	mkdir -p "$name/DEBIAN" repository
	printf '%s\n' "Package: $name" 'Version: 1' 'Architecture: all' 'Maintainer: None <none@example.com>' 'Description: none' \
		> "$name/DEBIAN/control"
	dpkg-deb --build "$name" repository > /dev/null
	deb=repository/${name}_1_all.deb
	{
		cat "$name/DEBIAN/control"
		printf '%s\n' "Filename: ./${deb#*/}" "Size: $(stat -c %s "$deb")" "SHA256: $(sha256sum "$deb" | cut -d ' ' -f 1)" ''
	} >> repository/Packages
done
mkdir -p state/lists/partial cache/archives/partial etc/apt.conf.d
: > status
echo "deb [trusted=yes] file:$work/repository ./" > etc/sources.list
cat > apt.conf <<CONF
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
Dir::Etc "$work/etc";
Dir::Bin::methods "$work/apt/usr/lib/apt/methods";
APT::Sandbox::User "root";
APT::Architecture "amd64";
CONF
aptget() {
	LD_LIBRARY_PATH=apt/usr/lib/x86_64-linux-gnu APT_CONFIG=apt.conf apt/usr/bin/apt-get "$@"
}
aptget update -qq
for name in lang3.2 lang3.1 lang3.1=1 '^lang3\.1$' lang3; do
	echo "install $name"
	code=0
	aptget install --simulate --yes "$name" > log 2>&1 || code=$?
	grep -E '^(Inst|E:)' log | sed 's, (.*,,'
	echo "exit code $code"
done | tee got
diff - got <<'WANT'
install lang3.2
Inst lang3.2
exit code 0
install lang3.1
Inst lang3.1-doc
Inst lang321
Inst liblang3.1
exit code 0
install lang3.1=1
Inst lang3.1-doc
Inst lang321
Inst liblang3.1
exit code 0
install ^lang3\.1$
E: Unable to locate package ^lang3\.1$
E: Couldn't find any package by glob '^lang3\.1$'
E: Couldn't find any package by regex '^lang3\.1$'
exit code 100
install lang3
E: Unable to locate package lang3
exit code 100
WANT
