#!/bin/sh
# go-containerregistry hands out an amd64 image to a caller that asks for arm64, if the tag is no index.
#
# Expected:    remote.Image with WithPlatform(linux/arm64) returns an image for linux/arm64, or an error.
# Behaviour:   the platform only selects within an index. A tag that is a single image is returned whatever its config
#              says, without an error; an index without arm64 is one. remote.Get returns the index as it is, whatever is
#              asked.
# Version:     github.com/google/go-containerregistry 0.22.1.
# Consequence: a check "is this base image there for linux/amd64" passes for an image of another processor, and the build
#              fails at its first RUN. A check has to compare the os and the architecture of the config.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
cat > main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"log"
	"net/http/httptest"
	"strings"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func main() {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	single := must(name.ParseReference(host + "/single:1"))
	index := must(name.ParseReference(host + "/index:1"))

	amd64 := v1.Platform{OS: "linux", Architecture: "amd64"}
	image := must(mutate.ConfigFile(empty.Image, &v1.ConfigFile{OS: amd64.OS, Architecture: amd64.Architecture}))
	list := mutate.AppendManifests(empty.Index, mutate.IndexAddendum{Add: image, Descriptor: v1.Descriptor{Platform: &amd64}})
	must(0, remote.Write(single, image))
	must(0, remote.WriteIndex(index, list))

	arm64 := remote.WithPlatform(v1.Platform{OS: "linux", Architecture: "arm64"})
	for _, ref := range []name.Reference{single, index} {
		short := strings.TrimPrefix(ref.String(), host+"/")
		got, err := remote.Image(ref, arm64)
		if err != nil {
			fmt.Println(short, "Image:", strings.ReplaceAll(err.Error(), host+"/", ""))
		} else {
			fmt.Println(short, "Image:", must(got.ConfigFile()).Platform())
		}
		fmt.Println(short, "Get:", must(remote.Get(ref, arm64)).MediaType)
	}
}
GO
{
	go mod init finding
	go get github.com/google/go-containerregistry/pkg/registry@v0.22.1 github.com/google/go-containerregistry/pkg/v1/remote@v0.22.1
} 2> log || { cat log; exit 1; }
go run . | tee got
diff - got <<'WANT'
single:1 Image: linux/amd64
single:1 Get: application/vnd.docker.distribution.manifest.v2+json
index:1 Image: no child with platform linux/arm64 in index index:1
index:1 Get: application/vnd.oci.image.index.v1+json
WANT
