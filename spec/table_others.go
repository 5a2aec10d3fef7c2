package spec

import "slices"

// Rows of snapshots that code refers to.
var (
	snapshotImageRow = &Attribute{
		Key: "image", API: "imageName", Type: imageValue, Ref: ImageKind,
		Send: sendImage("imageName"), Recv: recvImage("imageName"), Said: sayImage,
		Doc: "What the snapshot is made of: an image of the spec, or a registry reference with a tag or digest.",
	}
	entrypointRow = &Attribute{
		Key: "entrypoint", API: "entrypoint", Type: words, Check: filled, Said: withoutDockerfile,
		Doc: "Command that sandboxes of the snapshot run. With an image of the spec it becomes the last line of the Dockerfile.",
	}
	activeRow = &Attribute{
		Key: "active", Type: flag, Role: Option, Shown: notInAnyField,
		Doc: "Whether sandboxes can be made from the snapshot. Without it, a snapshot that the server made inactive after two weeks unused is activated when a sandbox needs it.",
	}
	snapshotGPURow = &Attribute{
		Key: "resources.gpu", API: "gpu", Type: absentIs(whole("GPUs"), 0), Check: between(0, 1),
		Doc: "Number of GPUs, 0 or 1.",
	}
	snapshotGPUTypeRow = &Attribute{
		Key: "resources.gpu_type", API: "gpuType", Type: gpuTypes, Check: oneEntry,
		Doc: "GPU type: one.",
	}
	classRow = &Attribute{
		Key: "class", API: "sandboxClass", Type: oneOf("container", "linux-vm", "android"), Default: "container",
		Doc: "Class of the sandboxes made from it. The server's default is container.",
	}
	snapshotNameRow = &Attribute{
		Key: "name", API: "name", Type: text, Check: snapshotName, Own: true,
		Doc: "Name on Daytona, unique in the organisation; the key by default.",
	}
	localProtectRow = &Attribute{
		Key: "protect", Type: flag, Role: Option, Shown: notInAnyField,
		Doc: "Never delete or replace. It holds as long as the spec says so: Daytona keeps no labels for this kind.",
	}
)

var snapshotTable = Table{
	snapshotNameRow,
	extendsRow, enabledRow, countRow, forEachRow,
	snapshotImageRow,
	entrypointRow,
	snapshotSize("cpu", "cpu", "vCPU", 1, "Cores, in vCPU."),
	// Requests say memory, answers say mem.
	snapshotSize("memory", "mem", "GiB", 1, "Memory, in GiB."),
	snapshotSize("disk", "disk", "GiB", 3, "Disk, in GiB."),
	snapshotGPURow,
	snapshotGPUTypeRow,
	{
		Key: "target", API: "regionId", Read: "regionIds", Type: oneRegion, Check: notEmpty, Resolve: regionID, Named: regionName, ByID: true, Said: firstText,
		Doc: "Region, by name or id.",
	},
	classRow,
	activeRow, timeoutRow, localProtectRow,
}

var volumeTable = Table{
	{
		Key: "name", API: "name", Type: text, Check: displayName, Own: true,
		Doc: "Name on Daytona, unique in the organisation; the key by default.",
	},
	extendsRow, enabledRow, countRow, forEachRow,
	timeoutRow, localProtectRow,
}

func snapshotSize(name, read, unit string, standard int, doc string) *Attribute {
	return &Attribute{
		Key: "resources." + name, API: name, Read: read, Type: whole(unit), Check: between(1, 4096), Default: standard, Doc: doc,
	}
}

// oneRegion is a wanted region. Answers list all regions that a snapshot has
// been spread to, and none right after its creation.
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
