package spec

import (
	"slices"
	"strings"
)

// A rule is a combination of attributes that the server refuses or that contradict
// each other.
type rule struct {
	kind     Kind
	at       *Attribute // the error is reported at its position
	violated func(b block) bool
	message  string
	hint     string
}

var rules = slices.Concat([]rule{
	{SandboxKind, snapshotRow, hasBoth(snapshotRow, imageRow), "a sandbox is created from a snapshot or from an image, not from both", "remove one of the two"},
	{SandboxKind, cpuRow, sizeWithoutImage(cpuRow), resourcesNeedImage, resourcesHint},
	{SandboxKind, memoryRow, sizeWithoutImage(memoryRow), resourcesNeedImage, resourcesHint},
	{SandboxKind, diskRow, sizeWithoutImage(diskRow), resourcesNeedImage, resourcesHint},
	{SandboxKind, gpuRow, sizeWithoutImage(gpuRow), resourcesNeedImage, resourcesHint},
	{SandboxKind, gpuTypeRow, func(b block) bool { return b.has(gpuTypeRow) && b.number(gpuRow) == 0 }, "gpu_type has no effect without gpu: 1", "add gpu: 1 or remove gpu_type"},
	{SandboxKind, gpuRow, func(b block) bool { return b.number(gpuRow) > 0 && !b.ephemeral() }, "a GPU sandbox must be ephemeral", "add ephemeral: true"},
	{SandboxKind, spotRow, func(b block) bool { return b.is(spotRow) && b.number(gpuRow) == 0 }, "spot is only for GPU sandboxes", "add gpu: 1 or remove spot"},
	{SandboxKind, kvmRow, func(b block) bool { return b.is(kvmRow) && b.has(imageRow) }, "kvm needs a snapshot of class linux-vm; an image makes a container", ""},
	{SandboxKind, linkedRow, hasBoth(linkedRow, imageRow), "a linked sandbox cannot be built from an image", "create a snapshot from the image"},
	{SandboxKind, linkedRow, func(b block) bool { return b.has(linkedRow) && !b.ephemeral() }, "a linked sandbox must be ephemeral", "add ephemeral: true"},
	{SandboxKind, autoPauseRow, func(b block) bool { return b.number(autoPauseRow) > 0 && b.number(autoStopRow) > 0 }, "auto_pause_interval and auto_stop_interval cannot both be set", "set one of them to 0"},
	{SandboxKind, autoPauseRow, func(b block) bool { return b.number(autoPauseRow) > 0 && b.ephemeral() }, "an ephemeral sandbox cannot pause automatically", ""},
	{SandboxKind, ephemeralRow, func(b block) bool { return b.is(ephemeralRow) && b.has(autoDeleteRow) && b.number(autoDeleteRow) != 0 }, "ephemeral: true and this auto_delete_interval contradict each other", "ephemeral is auto_delete_interval: 0"},
	{SandboxKind, ephemeralRow, func(b block) bool {
		return b.has(ephemeralRow) && !b.is(ephemeralRow) && b.has(autoDeleteRow) && b.number(autoDeleteRow) == 0
	}, "ephemeral: false and auto_delete_interval: 0 contradict each other", ""},
	{SandboxKind, stateRow, func(b block) bool {
		return b.ephemeral() && (b.text(stateRow) == Stopped || b.text(stateRow) == Archived)
	}, "an ephemeral sandbox is deleted when it stops, so it cannot be kept stopped or archived", ""},
	{SandboxKind, blockAllRow, func(b block) bool { return b.is(blockAllRow) && b.text(allowListRow) != "" }, "network_block_all: true and network_allow_list exclude each other", "remove network_block_all; the list already blocks all other networks"},
	{SandboxKind, ignoreRow, splitsCalls, "network_block_all and network_allow_list are sent together: one cannot be ignored without the other", "ignore both, or remove the ignored one"},
	{SandboxKind, onRemoveRow, func(b block) bool {
		return b.ephemeral() && (b.text(onRemoveRow) == Stop || b.text(onRemoveRow) == Archive)
	}, "an ephemeral sandbox is deleted when it stops, so it cannot be stopped and kept", "write on_remove: delete or release"},
	{SnapshotKind, snapshotGPUTypeRow, func(b block) bool { return b.has(snapshotGPUTypeRow) && b.number(snapshotGPURow) == 0 }, "gpu_type has no effect without gpu: 1", "add gpu: 1 or remove gpu_type"},
	{SnapshotKind, snapshotImageRow, func(b block) bool { return !b.has(snapshotImageRow) }, "a snapshot needs image", ""},
}, executionPolicyRules, versioningRules)

const (
	resourcesNeedImage = "resources can only be set together with image; a sandbox from a snapshot has the snapshot's"
	resourcesHint      = "set them on the snapshot"
)

func hasBoth(x, y *Attribute) func(block) bool {
	return func(b block) bool { return b.has(x) && b.has(y) }
}

// sizeWithoutImage reports a size without an image; 0 is legal and has no effect.
func sizeWithoutImage(a *Attribute) func(block) bool {
	return func(b block) bool { return b.number(a) > 0 && !b.has(imageRow) }
}

func (b block) has(a *Attribute) bool    { _, ok := b[a]; return ok }
func (b block) is(a *Attribute) bool     { return b[a].value == true }
func (b block) number(a *Attribute) int  { n, _ := b[a].value.(int); return n }
func (b block) text(a *Attribute) string { s, _ := b[a].value.(string); return s }

// ephemeral reports whether the sandbox is deleted when it stops.
func (b block) ephemeral() bool {
	return b.is(ephemeralRow) || b.has(autoDeleteRow) && b.number(autoDeleteRow) == 0
}

// checkRules reports the combinations of attributes that are not legal.
func (l *loader) checkRules(dc *blockDecl, b block, at string) {
	if b.hasUnknown() {
		return
	}
	for _, r := range rules {
		if r.kind != dc.Kind || !r.violated(b) {
			continue
		}
		pos, d, where := dc.pos, dc.decoder, at
		if v, ok := b[r.at]; ok {
			pos, d, where = v.pos, v.decoder, at+"."+r.at.Key
		}
		d.ErrorfAt(pos, where, "%s", r.message).Hint = strings.TrimSpace(r.hint)
	}
}
