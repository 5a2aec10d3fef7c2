package spec

import (
	"fmt"
	"slices"
)

// Rows of snapshots that code refers to.
var (
	snapshotImageRow = &Attribute{
		Key: "image", API: "imageName", Type: imageValue, Ref: ImageKind,
		Send: sendImage("imageName"), Recv: recvImage, RecvFields: []string{"buildInfo", "imageName"}, Export: exportImage,
		Doc:     "Image of the snapshot: one of the spec, or a registry reference with a tag or digest.",
		Example: `image: ubuntu:24.04`,
	}
	entrypointRow = &Attribute{
		Key: "entrypoint", API: "entrypoint", Type: words, Check: nonEmptyList, Export: exportWithoutDockerfile,
		Doc:     "Command that sandboxes from the snapshot run. With an image of the spec, it becomes the last line of the Dockerfile.",
		Example: `entrypoint: [sleep, infinity]`, With: `image: ubuntu:24.04`,
	}
	activeRow = &Attribute{
		Key: "active", Type: flag, Role: Option, Visibility: NotInAnyField,
		Doc:     "Whether sandboxes can be created from the snapshot. Without it, a snapshot that the server deactivated after two unused weeks is activated when a sandbox needs it.",
		Example: `active: true`, With: `image: ubuntu:24.04`,
	}
	snapshotGPURow = &Attribute{
		Key: "resources.gpu", API: "gpu", Type: withAbsent(wholeNumber("GPUs"), 0), Check: between(0, 1),
		Doc:     "Number of GPUs, 0 or 1.",
		Example: `resources: {gpu: 1}`, With: `image: ubuntu:24.04`,
	}
	snapshotGPUTypeRow = &Attribute{
		Key: "resources.gpu_type", API: "gpuType", Type: gpuTypes, Check: oneEntry,
		Doc:     "GPU type. Exactly one.",
		Example: `resources: {gpu: 1, gpu_type: [H100]}`, With: `image: ubuntu:24.04`,
	}
	snapshotRegionRow = &Attribute{
		Key: "target", API: "regionId", Read: "regionIds", Type: oneRegion, Check: notEmpty, Resolve: regionID, Unresolve: regionName, ByID: true, Export: exportFirst,
		Doc:     "Region, by name or id.",
		Example: `target: us`, With: `image: ubuntu:24.04`, Aliases: regionAliases,
	}
	classRow = &Attribute{
		Key: "class", API: "sandboxClass", Type: oneOf(Container, LinuxVM, Android), Default: Container,
		Doc:     "Class of the sandboxes created from the snapshot.",
		Example: `class: linux-vm`, With: `image: ubuntu:24.04`,
	}
	snapshotAdoptRow = &Attribute{
		Key: "adopt", Type: flag, Role: Option, Visibility: NotInAnyField,
		Doc:     "Take over the name: replace a snapshot with this name and another content, even if the fleet did not create it, and even if sandboxes outside the fleet use it.",
		Example: `adopt: true`, With: `image: ubuntu:24.04`,
	}
	snapshotNameRow = &Attribute{
		Key: "name", API: "name", Type: text, Check: snapshotName, PerResource: true,
		Doc:     "Name on Daytona, unique in the organisation; the key by default.",
		Example: `name: research/base`, With: `image: ubuntu:24.04`,
	}
	specProtectRow = &Attribute{
		Key: "protect", Type: flag, Role: Option, Visibility: NotInAnyField,
		Doc:     "Never delete or replace. The protection ends when it is removed from the spec, since Daytona has no labels for this kind.",
		Example: `protect: true`,
	}
)

var snapshotTable = slices.Concat(Table{
	snapshotNameRow,
	extendsRow, enabledRow, countRow, forEachRow,
	snapshotImageRow,
	entrypointRow,
	snapshotSize("cpu", "cpu", "vCPU", 1, 2, "Cores, in vCPU."),
	// The field is memory in requests and mem in responses.
	snapshotSize("memory", "mem", "GiB", 1, 4, "Memory, in GiB."),
	snapshotSize("disk", "disk", "GiB", 3, 8, "Disk, in GiB."),
	snapshotGPURow,
	snapshotGPUTypeRow,
	snapshotRegionRow,
	classRow,
	versioningRow, keepRow, pinRow,
	snapshotAdoptRow, activeRow, timeoutRow, specProtectRow,
}, timeoutTable(TimeoutCreate, TimeoutBuild, TimeoutUpdate, TimeoutDelete))

var volumeTable = slices.Concat(Table{
	{
		Key: "name", API: "name", Type: text, Check: displayName, PerResource: true,
		Doc:     "Name on Daytona, unique in the organisation; the key by default.",
		Example: `name: research cache`,
	},
	extendsRow, enabledRow, countRow, forEachRow,
	timeoutRow, specProtectRow,
}, timeoutTable(TimeoutCreate, TimeoutDelete))

func snapshotSize(name, read, unit string, standard, example int, doc string) *Attribute {
	return &Attribute{
		Key: "resources." + name, API: name, Read: read, Type: wholeNumber(unit), Check: sizeIn(unit), Default: standard, Doc: doc,
		Example: fmt.Sprintf("resources: {%s: %d}", name, example), With: `image: ubuntu:24.04`, Aliases: sizeAliases[name],
	}
}

// oneRegion is the region of a spec. Responses list all regions that have the snapshot,
// and none right after its creation.
var oneRegion = func() Type {
	t := text
	t.parse = jsonValue[[]string]
	t.format = func(v any) string {
		if list, ok := v.([]string); ok {
			return bracketed(list)
		}
		return quoted(v)
	}
	t.same = func(want, have any) bool {
		regions, _ := have.([]string)
		return len(regions) == 0 || slices.Contains(regions, want.(string))
	}
	return t
}()
