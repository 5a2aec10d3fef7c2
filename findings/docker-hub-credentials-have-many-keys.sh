#!/bin/sh
# Which key of Docker's config.json holds the password of Docker Hub depends on who reads the file.
#
# Expected:    a file with credentials for docker.io works for all tools that read Docker's config.json.
# Behaviour:   go-containerregistry reads nothing but https://index.docker.io/v1/, the key of docker login. Skopeo (and
#              podman and buildah with the same library) reads docker.io first, and index.docker.io. With both keys in one
#              file, the two are different users. Without its key go-containerregistry is anonymous, and no error says so.
# Version:     github.com/google/go-containerregistry 0.22.1; skopeo 1.9.3 (Debian 12).
# Consequence: with a file that another tool wrote, a private base image is "not found" for one tool and there for the
#              next, and public images meet the limit for anonymous users. A message about a base image that is refused
#              has to name the key that was used, or say that there was none.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download -qq skopeo=1.9.3+ds1-1+b10 libgpgme11 libassuan0 libdevmapper1.02.1 2> /dev/null
for deb in *.deb; do
	dpkg -x "$deb" skopeo
done
cat > main.go <<'GO'
package main

import (
	"fmt"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
)

func main() {
	image, err := name.ParseReference("docker.io/team/app:1")
	if err != nil {
		panic(err)
	}
	found, err := authn.DefaultKeychain.Resolve(image.Context())
	if err != nil {
		panic(err)
	}
	config, err := found.Authorization()
	if err != nil {
		panic(err)
	}
	if config.Username == "" {
		config.Username = "nobody"
	}
	fmt.Println(config.Username)
}
GO
{
	go mod init finding
	go get github.com/google/go-containerregistry/pkg/authn@v0.22.1
	go build -o ggcr .
} 2> log || { cat log; exit 1; }
try() {
	entries=
	for key; do
		auth=$(printf '%s:password' "user-of-$key" | sed 's,https://,,; s,/v1/,-v1,' | base64 -w 0)
		entries="$entries${entries:+,}\"$key\":{\"auth\":\"$auth\"}"
	done
	printf '{"auths":{%s}}\n' "$entries" > config.json
	echo "$*"
	echo "  go-containerregistry: $(DOCKER_CONFIG=$work ./ggcr)"
	echo "  skopeo: $(LD_LIBRARY_PATH=skopeo/usr/lib/x86_64-linux-gnu skopeo/usr/bin/skopeo login --get-login --authfile config.json docker.io)"
}
{
	try https://index.docker.io/v1/
	try docker.io
	try index.docker.io
	try docker.io https://index.docker.io/v1/
} | tee got
diff - got <<'WANT'
https://index.docker.io/v1/
  go-containerregistry: user-of-index.docker.io-v1
  skopeo: user-of-index.docker.io-v1
docker.io
  go-containerregistry: nobody
  skopeo: user-of-docker.io
index.docker.io
  go-containerregistry: nobody
  skopeo: user-of-index.docker.io
docker.io https://index.docker.io/v1/
  go-containerregistry: user-of-index.docker.io-v1
  skopeo: user-of-docker.io
WANT
