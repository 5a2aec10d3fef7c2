package spec

import (
	"fmt"
	"slices"
	"time"

	"fleet/internal/state"
)

// Rows that code refers to.
var (
	nameRow = &Attribute{
		Key: "name", API: "name", Type: text, Check: displayName, PerResource: true,
		Doc:     "Name on Daytona, unique in the organisation. The default is the key, between name_prefix and name_suffix. With count, -0, -1 and so on are appended. A new name replaces the sandbox.",
		Example: `name: web server`,
	}
	snapshotRow = &Attribute{
		Key: "snapshot", API: "snapshot", Type: text, Check: nameNotID, Ref: SnapshotKind,
		Doc:     "Snapshot to create the sandbox from: one of the spec, or the name of one in the organisation. Without snapshot and image, the server uses its default snapshot.",
		Example: `snapshot: daytona-small`,
	}
	imageRow = &Attribute{
		Key: "image", API: "buildInfo", Type: imageValue, Visibility: InDetail, FingerprintLetter: 'i', Ref: ImageKind,
		Send: sendImage(""), Recv: recvImage, RecvFields: []string{"buildInfo"}, Export: exportImage,
		Doc:     "Image to build and create the sandbox from: one of the spec, or a registry reference with a tag or digest.",
		Example: `image: ubuntu:24.04`,
	}
	cpuRow    = size("resources.cpu", "cpu", "vCPU", 1, 2, resize("grows while started or stopped, shrinks only while stopped", sizeUpRunning))
	memoryRow = size("resources.memory", "memory", "GiB", 1, 4, resize("grows while started or stopped, shrinks only while stopped", sizeUpRunning))
	diskRow   = size("resources.disk", "disk", "GiB", 3, 8, resize("grows only while stopped; shrinking replaces the sandbox", diskGrows))
	gpuRow    = &Attribute{
		Key: "resources.gpu", API: "gpu", Type: withAbsent(wholeNumber("GPUs"), 0), Check: between(0, 1), Export: exportWithImage,
		Doc:     "Number of GPUs, 0 or 1. A GPU sandbox must be ephemeral.",
		Example: `resources: {gpu: 1}`, With: "image: ubuntu:24.04\nephemeral: true",
	}
	gpuTypeRow = &Attribute{
		Key: "resources.gpu_type", API: "gpuType", Type: gpuTypes, Check: nonEmptyList, Export: exportWithImage,
		Doc:     "Acceptable GPU types, best first.",
		Example: `resources: {gpu: 1, gpu_type: [H100, H200]}`, With: "image: ubuntu:24.04\nephemeral: true",
	}
	autoStopRow = interval("auto_stop_interval", "autoStopInterval", "autostop", 15, 60,
		"Idle minutes before the sandbox is stopped; 0 never stops it.")
	autoPauseRow = withSince(v0205, withClassRule(autoPauseClassRule, interval("auto_pause_interval", "autoPauseInterval", "autopause", 0, 30,
		"Idle minutes before the sandbox is paused; 0 never pauses it. Virtual machines only.")))
	autoDeleteRow = &Attribute{
		Key: "auto_delete_interval", API: "autoDeleteInterval", Type: wholeNumber("minutes"), Check: between(-1, maxInterval), Default: -1, Export: exportAtLeast(-1),
		// With 0, the next stop deletes the sandbox, so the call comes after those that stop it.
		Change:  Change{Method: "POST", Path: "autodelete/{}", RunsLast: func(want any) bool { return want == 0 }},
		Doc:     "Minutes after a stop until the sandbox is deleted; -1 never deletes it, 0 deletes it when it stops.",
		Example: `auto_delete_interval: 1440`,
	}
	ephemeralRow = &Attribute{
		Key: "ephemeral", Type: flag, Role: Option, Visibility: NotInAnyField,
		Doc:     "Delete the sandbox when it stops. true means auto_delete_interval: 0; false means -1.",
		Example: `ephemeral: true`,
	}
	blockAllRow = &Attribute{
		Key: "network_block_all", API: "networkBlockAll", Type: flag, Change: networkAccess, Visibility: InListsSince, FingerprintLetter: 'b',
		Doc:     "Block all network access of the sandbox.",
		Example: `network_block_all: true`,
	}
	allowListRow = &Attribute{
		Key: "network_allow_list", API: "networkAllowList", Type: cidrs, Check: atMostEntries, Change: networkAccess, Visibility: InListsSince, FingerprintLetter: 'n',
		Doc:     "The only IPv4 networks that the sandbox may reach, at most 10.",
		Example: `network_allow_list: [10.0.0.0/8]`,
	}
	linkedRow = &Attribute{
		Key: "linked_sandbox", API: "linkedSandbox", Read: "linkedSandboxId", Type: text, Visibility: InPages, FingerprintLetter: 'l', Ref: SandboxKind, PerResource: true, Resolve: linkID, Unresolve: linkKey, ClassRule: linkedClassRule,
		Doc:     "Sandbox to link to: the key of one of the spec, or the id of another one. The linked sandbox must be ephemeral, and is deleted with the other one.",
		Example: `linked_sandbox: main`, With: `ephemeral: true`,
	}
	mountsRow = &Attribute{
		Key: "volumes", API: "volumes", Type: mounts, Check: distinctMountPaths, Visibility: InPages, FingerprintLetter: 'v', Resolve: mountIDs, Unresolve: mountNames,
		Doc:     "Volumes to mount: volume (one of the spec, or the name of one in the organisation), mount_path, and optionally the subpath of the volume to mount.",
		Example: `volumes: [{volume: cache, mount_path: /cache}]`,
	}
	labelsRow = &Attribute{
		Key: "labels", API: "labels", Type: textMap, MergesKeys: true, Check: userLabels,
		Doc:     "Your own labels. Labels that other clients set are kept; labels that leave the spec are removed.",
		Example: `labels: {team: research}`,
	}
	publicRow = &Attribute{
		Key: "public", API: "public", Type: flag, Change: Change{Method: "POST", Path: "public/{}"},
		Doc:     "Make previews accessible without a login.",
		Example: `public: true`,
	}
	proxyRow = withSince(v0205, &Attribute{
		Key: "outbound_proxy_url", API: "outboundProxyUrl", Type: text, Check: httpURL, Visibility: InPages, FingerprintLetter: 'p', Secret: true,
		Doc:     "HTTP proxy for all traffic that leaves the sandbox.",
		Example: `outbound_proxy_url: http://proxy.example.com:3128`,
	})
	spotRow = withSince(v0205, &Attribute{
		Key: "spot", API: "spot", Type: flag,
		Doc:     "Run on spot capacity, which the server may reclaim without notice. GPU sandboxes only.",
		Example: `spot: true`, With: "image: ubuntu:24.04\nresources: {gpu: 1}\nephemeral: true",
	})
	regionRow = &Attribute{
		Key: "target", API: "target", Type: text, Check: notEmpty, Resolve: regionID, Unresolve: regionName,
		Doc:     "Region, by name or id.",
		Example: `target: us`, Aliases: regionAliases,
	}
	kvmRow = withSince(v0220, &Attribute{
		Key: "kvm", API: "kvm", Type: flag, Visibility: InPages, FingerprintLetter: 'k', ClassRule: kvmClassRule,
		Doc:     "Nested virtualisation, for snapshots of class linux-vm.",
		Example: `kvm: true`,
	})
	ttlRow = withSince(v0205, &Attribute{
		Key: "ttl_minutes", API: "ttlMinutes", Type: wholeNumber("minutes"), Check: between(0, maxInterval), Visibility: NeverShown, FingerprintLetter: 't',
		Change:  Change{Method: "POST", Path: "ttl/{}"},
		Doc:     "Minutes after creation until the sandbox is deleted, even if it is in use; 0 means no limit. A new value counts from the time at which it is applied.",
		Example: `ttl_minutes: 480`,
	})
	filesRow = &Attribute{
		Key: "files", Type: localFiles, Visibility: NeverShown, FingerprintLetter: 'f', Change: Change{Upload: true, Rule: "while started"},
		Doc:     "Local files and directories to upload when the sandbox is started, by their paths in it, at most 1000 files and 32 MiB. They are uploaded again when they change; what is removed from the list stays in the sandbox. A stopped sandbox gets them when it is next found started.",
		Example: `files: {/home/daytona/app.toml: config/app.toml}`, Aliases: []string{"configs", "file", "copy", "upload"},
	}
	// contentRow is a digest of the content of the sandbox's snapshot, if the spec
	// declares it. It detects that the snapshot was replaced under the same name.
	contentRow = &Attribute{
		Key: "snapshot content", Type: opaque, Visibility: NeverShown, FingerprintLetter: 'c', Role: Derived, DerivedFrom: snapshotRow,
		Why: "the content of its snapshot has changed",
	}
)

// Rows of options: how fleet treats a resource.
var (
	stateRow = &Attribute{
		Key: "state", Type: oneOf(Started, Stopped, Archived, Paused), Role: Option, Visibility: NotInAnyField, ClassRule: pausedClassRule,
		Doc:     "Run state to keep. Without it, the run state is not managed, since idle sandboxes stop automatically.",
		Example: `state: stopped`,
	}
	timeoutRow = &Attribute{
		Key: "timeout", Type: duration, Check: positiveDuration, Role: Option, Visibility: NotInAnyField,
		Doc:     "Longest time that one change of this resource may take. The default depends on the change: 5m for most, 1h for builds, 2h for archiving.",
		Example: `timeout: 10m`,
	}
	protectRow = &Attribute{
		Key: "protect", Label: ProtectLabel, Type: flag, Visibility: NotInAnyField,
		Doc:     "Never delete or replace. For a sandbox it is also stored on Daytona: removing it from the spec does not lift the protection, protect: false does.",
		Example: `protect: true`,
	}
	adoptRow = &Attribute{
		Key: "adopt", Type: flag, Role: Option, Visibility: NotInAnyField,
		Doc:     "Take over an object with this name that no fleet owns.",
		Example: `adopt: true`,
	}
	ignoreRow = &Attribute{
		Key: "ignore", Type: words, Check: nonEmptyList, Paths: true, Role: Option, Visibility: NotInAnyField,
		Doc:     "Attributes whose differences are ignored, such as public or labels.team. They are applied when the sandbox is created, and shown in the plan.",
		Example: `ignore: [public, labels.team]`,
	}
	onMissingRow = &Attribute{
		Key: "on_missing", Type: oneOf(Recreate, Ignore), Role: Option, Visibility: NotInAnyField,
		Doc:     "What to do if the sandbox does not exist: recreate it (the default), or ignore that until apply runs with --create-missing. A sandbox that expired cannot be distinguished from one that never existed.",
		Example: `on_missing: ignore`,
	}
	onErrorRow = &Attribute{
		Key: "on_error", Type: oneOf(Recover, Replace, ReportOnly), Role: Option, Visibility: NotInAnyField,
		Doc:     "What to do if the sandbox is in an error state: recover it if the server can, replace it, or only report it. Without it, a sandbox that cannot be recovered is replaced.",
		Example: `on_error: report`,
	}
	onRemoveRow = &Attribute{
		Key: "on_remove", Label: RemoveLabel, Type: oneOf(Delete, Stop, Archive, Release), Visibility: NotInAnyField,
		Doc:     "What to do with the sandbox when it leaves the spec: delete it (the default), stop or archive it and keep it, or release it from the fleet. The value is stored on Daytona, since the spec no longer has it then.",
		Example: `on_remove: archive`,
	}
)

// Structural rows of all kinds.
var (
	extendsRow = structuralRow(&Attribute{
		Key: "extends", Type: oneOrMore, Check: nonEmptyList,
		Doc:     "Template, or list of templates, from which the block inherits. Later templates override earlier ones.",
		Example: `extends: small`,
	})
	enabledRow = structuralRow(&Attribute{
		Key: "enabled", Type: flag,
		Doc:     "With false, the resource is treated as if it were not in the spec.",
		Example: `enabled: false`,
	})
	countRow = structuralRow(&Attribute{
		Key: "count", Type: wholeNumber("copies"), Check: between(0, maxCopies), PerResource: true,
		Doc:     "Number of copies to keep: worker becomes worker[0], worker[1] and so on. ${index} is the number of the copy.",
		Example: `count: 3`, Aliases: []string{"scale", "replicas", "instances"},
	})
	forEachRow = structuralRow(&Attribute{
		Key: "for_each", Type: members, PerResource: true,
		Doc:     "List of texts, or mapping, with an entry for each copy to keep: worker becomes worker[KEY]. ${each.key} and ${each.value} are those of the entry.",
		Example: `for_each: [eu, us]`,
	})
)

// maxCopies limits the copies of one block.
const maxCopies = 100_000

func structuralRow(a *Attribute) *Attribute {
	a.Role, a.Visibility, a.Structural = Option, NotInAnyField, true
	return a
}

// Values of on_missing, on_error and on_remove.
const (
	Recreate   = "recreate"
	Ignore     = "ignore"
	Recover    = "recover"
	Replace    = "replace"
	ReportOnly = "report"
	Delete     = "delete"
	Stop       = "stop"
	Archive    = "archive"
	Release    = "release"
)

var sandboxTable = slices.Concat(Table{
	nameRow, namePrefixRow, nameSuffixRow,
	extendsRow, enabledRow, countRow, forEachRow,
	snapshotRow,
	contentRow,
	imageRow,
	{
		Key: "language", Label: LanguageLabel, AllowUnset: true, Type: oneOf("python", "typescript", "javascript"), Visibility: NotInAnyField,
		Doc:     "Language in which SDKs run code.",
		Example: `language: python`,
	},
	{
		Key: "os_user", API: "user", Type: text, Check: notEmpty, Default: "daytona",
		Doc:     "User in the sandbox.",
		Example: `os_user: root`,
	},
	{
		Key: "env_vars", API: "env", Type: envVars, Visibility: InPages, FingerprintLetter: 'e', Secret: true, Check: envNames,
		Doc:     "Environment variables.",
		Example: `env_vars: {LOG_LEVEL: debug}`, Aliases: []string{"env", "environment", "envs", "variables"},
	},
	labelsRow,
	publicRow,
	cpuRow, memoryRow, diskRow, gpuRow, gpuTypeRow,
	autoStopRow,
	autoPauseRow,
	{
		Key: "auto_archive_interval", API: "autoArchiveInterval", Type: wholeNumber("minutes"), Check: between(0, maxInterval), Default: 10080,
		Change: Change{Method: "POST", Path: "autoarchive/{}"}, Resolve: clampArchive,
		Doc:     "Minutes after a stop until the sandbox is archived; 0 means the longest time that the server allows, 43200 by default.",
		Example: `auto_archive_interval: 1440`,
	},
	autoDeleteRow,
	ttlRow,
	ephemeralRow,
	mountsRow,
	blockAllRow,
	allowListRow,
	{
		Key: "domain_allow_list", API: "domainAllowList", Type: domains, Check: atMostEntries, Change: networkSettings, Visibility: InListsSince, FingerprintLetter: 'd',
		Doc:     "The only domains that the sandbox may reach, at most 10; a leading *. stands for all subdomains.",
		Example: `domain_allow_list: [pypi.org, "*.example.com"]`,
	},
	proxyRow,
	withSince(v0205, &Attribute{
		Key: "otel_endpoint_override", API: "otelEndpointOverride", Type: text, Check: httpURL, Visibility: InPages, FingerprintLetter: 'o',
		Doc:     "OpenTelemetry endpoint for the sandbox's own telemetry.",
		Example: `otel_endpoint_override: https://otel.example.com`,
	}),
	linkedRow,
	withSince(v0205, &Attribute{
		Key: "secrets", API: "secrets", Type: secretRefs, Visibility: NeverShown, FingerprintLetter: 's', Check: envNames,
		Change:  Change{Method: "PUT", Path: "secrets"},
		Doc:     "Secrets of the organisation to pass to the sandbox, by name of the environment variable.",
		Example: `secrets: {API_TOKEN: api-token}`,
	}),
	spotRow,
	withSince(v0220, &Attribute{
		Key: "queue_timeout", API: "queueTimeout", Type: wholeNumber("minutes"), Check: between(1, maxInterval), Visibility: InDetail, CreateOnly: true,
		Doc:     "Minutes to wait for free capacity, after which the creation is cancelled. A change only affects the next creation.",
		Example: `queue_timeout: 10`,
	}),
	kvmRow,
	regionRow,
	filesRow,
	stateRow, timeoutRow, protectRow, adoptRow,
	ignoreRow, onMissingRow, onErrorRow, onRemoveRow,
}, timeoutTable(sandboxTimeoutClasses...), probeRows, Table{afterCreateRow, beforeDestroyRow}, rolloutRows)

// maxInterval is the longest interval in minutes, ten years. The server has no limit
// and accepts nonsense.
const maxInterval = 10 * 365 * 24 * 60

// interval returns a row whose value is part of the path of its call.
func interval(key, api, path string, standard, example int, doc string) *Attribute {
	return &Attribute{
		Key: key, API: api, Type: wholeNumber("minutes"), Check: between(0, maxInterval), Default: standard,
		Change: Change{Method: "POST", Path: path + "/{}"}, Doc: doc,
		Example: fmt.Sprintf("%s: %d", key, example),
	}
}

// Names of regions and sizes in other tools.
var (
	regionAliases = []string{"region", "location", "zone"}
	sizeAliases   = map[string][]string{
		"cpu": {"cpu", "cpus", "vcpu", "vcpus"}, "memory": {"memory", "mem", "ram", "mem_limit"}, "disk": {"disk", "storage"},
	}
)

// size returns a row of the resources.
func size(key, api, unit string, standard, example int, change Change) *Attribute {
	return &Attribute{
		Key: key, API: api, Type: wholeNumber(unit), Check: sizeIn(unit), Change: change, Default: standard, Export: exportWithImage,
		Doc:     fmt.Sprintf("%s. Only with image; a sandbox from a snapshot has the snapshot's.", map[string]string{"cpu": "Cores, in vCPU", "memory": "Memory, in GiB", "disk": "Disk, in GiB; it never shrinks in place"}[api]),
		Example: fmt.Sprintf("resources: {%s: %d}", api, example), With: `image: ubuntu:24.04`, Aliases: sizeAliases[api],
	}
}

func withSince(v Version, a *Attribute) *Attribute {
	a.Since = v
	return a
}

func withClassRule(rule *ClassRule, a *Attribute) *Attribute {
	a.ClassRule = rule
	return a
}

func withAbsent(t Type, v any) Type {
	t.Absent = v
	return t
}

var (
	networkSettings = Change{Method: "POST", Path: "network-settings"}
	// The server resets one of these if a call only has the other.
	networkAccess = Change{Method: "POST", Path: "network-settings", SentTogether: true}
)

func resize(rule string, mode func(have, want any) (ChangeMode, string)) Change {
	return Change{Method: "POST", Path: "resize", Rule: rule, Mode: mode}
}

// sizeUpRunning is the server's rule for cpu and memory: they do not shrink while the
// sandbox is started.
func sizeUpRunning(have, want any) (ChangeMode, string) {
	if h, ok := have.(int); ok && want.(int) < h {
		return StoppedOnly, "shrinks only while stopped"
	}
	return StartedOrStopped, ""
}

// diskGrows is the server's rule for disks: they only grow, while stopped.
func diskGrows(have, want any) (ChangeMode, string) {
	if h, ok := have.(int); ok && want.(int) < h {
		return RequiresReplace, "a disk never shrinks"
	}
	return StoppedOnly, "a disk grows only while stopped"
}

// Run states that a spec can set.
const (
	Started  = state.Started
	Stopped  = state.Stopped
	Archived = state.Archived
	Paused   = state.Paused
)

// Default timeouts of a change, as long as the server's own.
const (
	defaultTimeout = 5 * time.Minute
	buildTimeout   = time.Hour
	archiveTimeout = 2 * time.Hour
)
