package spec

// An example is one attribute of a resource with its effects.
type example struct {
	key        string
	with       string     // other YAML that the block needs
	one, other string     // two values, as YAML; the first defaults to the row's example
	sent       string     // the part of the create request for one
	mode       ChangeMode // what a change from one to other requires
	as         string     // the attribute that differs; empty: key
}

const (
	nothing = ChangeMode(-1) // no difference: the attribute is an option of fleet
	anImage = `image: "a:1"`
	aGPU    = anImage + `, ephemeral: true`
	link1   = "00000000-0000-4000-8000-000000000001"
	link2   = "00000000-0000-4000-8000-000000000002"
)

func init() {
	for kind, list := range examples {
		for i, x := range list {
			if x.one == "" {
				list[i].one = Tables[kind].find(x.key).Example
			}
		}
	}
}

// examples has one example of each attribute except the structural ones.
var examples = map[Kind][]example{
	SandboxKind: {
		{key: "name", one: `name: a b`, other: `name: c`, sent: `{"name":"a b"}`, mode: RequiresReplace},
		{key: "snapshot", one: `snapshot: x`, other: `snapshot: y`, sent: `{"snapshot":"x"}`, mode: RequiresReplace},
		{key: "image", one: `image: "a:1"`, other: `image: "a:2"`, sent: `{"buildInfo":{"dockerfileContent":"FROM a:1\n"}}`, mode: RequiresReplace},
		{key: "language", other: `language: javascript`, mode: AnyState},
		{key: "os_user", other: `os_user: daytona`, sent: `{"user":"root"}`, mode: RequiresReplace},
		{key: "env_vars", one: `env_vars: {A: 1}`, other: `env_vars: {A: 2}`, sent: `{"env":{"A":"1"}}`, mode: RequiresReplace},
		{key: "labels", one: `labels: {a: x}`, other: `labels: {b: x}`, mode: AnyState},
		{key: "public", other: `public: false`, sent: `{"public":true}`, mode: AnyState},
		{key: "resources.cpu", with: anImage, one: `resources: {cpu: 1}`, other: `resources: {cpu: 2}`, sent: `{"cpu":1}`, mode: StartedOrStopped},
		{key: "resources.memory", with: anImage, one: `resources: {memory: 2}`, other: `resources: {memory: 1}`, sent: `{"memory":2}`, mode: StoppedOnly},
		{key: "resources.disk", with: anImage, one: `resources: {disk: 3}`, other: `resources: {disk: 4}`, sent: `{"disk":3}`, mode: StoppedOnly},
		{key: "resources.gpu", with: aGPU, one: `resources: {gpu: 1}`, other: `resources: {gpu: 0}`, sent: `{"gpu":1}`, mode: RequiresReplace},
		{
			key: "resources.gpu_type", with: aGPU, one: `resources: {gpu: 1, gpu_type: [H100, H200]}`, other: `resources: {gpu: 1, gpu_type: H200}`,
			sent: `{"gpu":1,"gpuType":["H100","H200"]}`, mode: RequiresReplace,
		},
		{key: "auto_stop_interval", one: `auto_stop_interval: 0`, other: `auto_stop_interval: 6`, sent: `{"autoStopInterval":0}`, mode: AnyState},
		{key: "auto_pause_interval", one: `auto_pause_interval: 5`, other: `auto_pause_interval: 0`, sent: `{"autoPauseInterval":5}`, mode: AnyState},
		{key: "auto_archive_interval", one: `auto_archive_interval: 0`, other: `auto_archive_interval: 60`, sent: `{"autoArchiveInterval":0}`, mode: AnyState},
		{key: "auto_delete_interval", one: `auto_delete_interval: 30`, other: `auto_delete_interval: -1`, sent: `{"autoDeleteInterval":30}`, mode: AnyState},
		{key: "ttl_minutes", one: `ttl_minutes: 5`, other: `ttl_minutes: 0`, sent: `{"ttlMinutes":5}`, mode: AnyState},
		{key: "files", one: `files: {/etc/app: {source: load_test.go, mode: 600}}`, other: `files: {/etc/app: load_test.go, /b: testdata/good}`, mode: AnyState},
		{key: "ephemeral", other: `ephemeral: false`, sent: `{"autoDeleteInterval":0}`, mode: AnyState, as: "auto_delete_interval"},
		{
			key: "volumes", one: `volumes: [{volume: cache, mount_path: /b, subpath: s}, {volume: data, mount_path: /a}]`, other: `volumes: []`,
			sent: `{"volumes":[{"volumeId":"data","mountPath":"/a"},{"volumeId":"cache","mountPath":"/b","subpath":"s"}]}`, mode: RequiresReplace,
		},
		{key: "network_block_all", other: `network_block_all: false`, sent: `{"networkBlockAll":true}`, mode: AnyState},
		{key: "network_allow_list", one: `network_allow_list: [11.0.0.0/8, 10.0.0.0/8]`, other: `network_allow_list: []`, sent: `{"networkAllowList":"10.0.0.0/8,11.0.0.0/8"}`, mode: AnyState},
		{key: "domain_allow_list", one: `domain_allow_list: [b.io, "*.A.io"]`, other: `domain_allow_list: [a.io]`, sent: `{"domainAllowList":"*.a.io,b.io"}`, mode: AnyState},
		{key: "outbound_proxy_url", one: `outbound_proxy_url: "http://u:p@x"`, other: `outbound_proxy_url: "http://u:q@x"`, sent: `{"outboundProxyUrl":"http://u:p@x"}`, mode: RequiresReplace},
		{key: "otel_endpoint_override", one: `otel_endpoint_override: "http://x"`, other: `otel_endpoint_override: "http://y"`, sent: `{"otelEndpointOverride":"http://x"}`, mode: RequiresReplace},
		{key: "linked_sandbox", with: `ephemeral: true`, one: `linked_sandbox: ` + link1, other: `linked_sandbox: ` + link2, mode: RequiresReplace},
		{key: "secrets", one: `secrets: {B: two, A: one}`, other: `secrets: {}`, sent: `{"secrets":[{"A":"one"},{"B":"two"}]}`, mode: AnyState},
		{key: "spot", with: aGPU, one: `resources: {gpu: 1}, spot: true`, other: `resources: {gpu: 1}, spot: false`, sent: `{"gpu":1,"spot":true}`, mode: RequiresReplace},
		{key: "queue_timeout", one: `queue_timeout: 5`, other: `queue_timeout: 6`, sent: `{"queueTimeout":5}`, mode: nothing},
		{key: "kvm", other: `kvm: false`, sent: `{"kvm":true}`, mode: RequiresReplace},
		{key: "target", other: `target: eu`, sent: `{"target":"us"}`, mode: RequiresReplace},
		{key: "state", one: `state: started`, other: `state: stopped`, mode: nothing},
		{key: "timeout", one: `timeout: 5m`, other: `timeout: 6m`, mode: nothing},
		{key: "protect", other: `protect: false`, mode: AnyState},
		{key: "adopt", other: `adopt: false`, mode: nothing},
		{key: "ignore", one: `ignore: [public]`, other: `ignore: [labels.team]`, mode: nothing},
		{key: "on_missing", one: `on_missing: ignore`, other: `on_missing: recreate`, mode: nothing},
		{key: "on_error", one: `on_error: report`, other: `on_error: replace`, mode: nothing},
		{key: "on_remove", one: `on_remove: stop`, other: `on_remove: release`, mode: AnyState},
		{key: "timeouts.create", other: `timeouts: {create: 1h}`, mode: nothing},
		{key: "timeouts.build", other: `timeouts: {build: 1h}`, mode: nothing},
		{key: "timeouts.start", other: `timeouts: {start: 1h}`, mode: nothing},
		{key: "timeouts.stop", other: `timeouts: {stop: 1h}`, mode: nothing},
		{key: "timeouts.update", other: `timeouts: {update: 1h}`, mode: nothing},
		{key: "timeouts.delete", other: `timeouts: {delete: 1h}`, mode: nothing},
		{key: "timeouts.archive", other: `timeouts: {archive: 1h}`, mode: nothing},
		{key: "ready.exec", other: `ready: {exec: "true"}`, mode: nothing},
		{key: "ready.port", other: `ready: {port: 1}`, mode: nothing},
		{key: "ready.path", other: `ready: {port: 8080, path: /}`, mode: nothing},
		{key: "ready.log", other: `ready: {log: "^up$"}`, mode: nothing},
		{key: "ready.interval", other: `ready: {exec: "true", interval: 1s}`, mode: nothing},
		{key: "ready.retries", other: `ready: {exec: "true", retries: 0}`, mode: nothing},
		{key: "ready.for", other: `ready: {exec: "true", for: 1s}`, mode: nothing},
		{key: "ready.timeout", other: `ready: {exec: "true", timeout: 1s}`, mode: nothing},
		{key: "hooks.after_create", other: `hooks: {after_create: "true"}`, mode: nothing},
		{key: "hooks.before_destroy", other: `hooks: {before_destroy: "true"}`, mode: nothing},
		{key: "rollout.max_unavailable", other: `rollout: {max_unavailable: 1}`, mode: nothing},
		{key: "rollout.canary", other: `rollout: {canary: 5%}`, mode: nothing},
		{key: "rollout.waves", other: `rollout: {waves: [50%]}`, mode: nothing},
		{key: "rollout.pause", other: `rollout: {waves: [1, 100%], pause: 1m}`, mode: nothing},
		{key: "rollout.max_failures", other: `rollout: {max_failures: 0}`, mode: nothing},
		{key: "rollout.on_failure", other: `rollout: {on_failure: continue}`, mode: nothing},
		{key: "rollout.surge", other: `rollout: {surge: false}`, mode: nothing},
	},
	SnapshotKind: {
		{key: "name", with: anImage, one: `name: a/b`, other: `name: c`, sent: `{"name":"a/b"}`, mode: RequiresReplace},
		{key: "image", one: `image: "a:1"`, other: `image: "a:2"`, sent: `{"imageName":"a:1"}`, mode: RequiresReplace},
		{key: "entrypoint", with: anImage, one: `entrypoint: [sh, -c]`, other: `entrypoint: [sh]`, sent: `{"entrypoint":["sh","-c"]}`, mode: RequiresReplace},
		{key: "resources.cpu", with: anImage, one: `resources: {cpu: 1}`, other: `resources: {cpu: 2}`, sent: `{"cpu":1}`, mode: RequiresReplace},
		{key: "resources.memory", with: anImage, one: `resources: {memory: 1}`, other: `resources: {memory: 2}`, sent: `{"memory":1}`, mode: RequiresReplace},
		{key: "resources.disk", with: anImage, one: `resources: {disk: 3}`, other: `resources: {disk: 4}`, sent: `{"disk":3}`, mode: RequiresReplace},
		{key: "resources.gpu", with: anImage, one: `resources: {gpu: 1}`, other: `resources: {gpu: 0}`, sent: `{"gpu":1}`, mode: RequiresReplace},
		{key: "resources.gpu_type", with: anImage, one: `resources: {gpu: 1, gpu_type: [H100]}`, other: `resources: {gpu: 1, gpu_type: [H200]}`, sent: `{"gpu":1,"gpuType":["H100"]}`, mode: RequiresReplace},
		{key: "target", with: anImage, one: `target: us`, other: `target: eu`, sent: `{"regionId":"region-1"}`, mode: RequiresReplace},
		{key: "class", with: anImage, one: `class: container`, other: `class: linux-vm`, sent: `{"sandboxClass":"container"}`, mode: RequiresReplace},
		{key: "versioning", with: anImage, other: `versioning: fixed`, sent: `{"name":"web-ef62cc186a15"}`, mode: RequiresReplace, as: "name"},
		{key: "keep", with: anImage + `, versioning: content`, other: `keep: 3`, mode: nothing},
		{key: "pin", with: anImage + `, versioning: content`, other: `pin: "000000000000"`, sent: `{"name":"web-3f2a9c01d47e"}`, mode: RequiresReplace, as: "name"},
		{key: "adopt", with: anImage, one: `adopt: true`, other: `adopt: false`, mode: nothing},
		{key: "active", with: anImage, one: `active: true`, other: `active: false`, mode: nothing},
		{key: "timeout", with: anImage, one: `timeout: 5m`, other: `timeout: 6m`, mode: nothing},
		{key: "protect", with: anImage, one: `protect: true`, other: `protect: false`, mode: nothing},
		{key: "timeouts.create", with: anImage, other: `timeouts: {create: 1h}`, mode: nothing},
		{key: "timeouts.build", with: anImage, other: `timeouts: {build: 1h}`, mode: nothing},
		{key: "timeouts.update", with: anImage, other: `timeouts: {update: 1h}`, mode: nothing},
		{key: "timeouts.delete", with: anImage, other: `timeouts: {delete: 1h}`, mode: nothing},
	},
	VolumeKind: {
		{key: "name", one: `name: a b`, other: `name: c`, sent: `{"name":"a b"}`, mode: RequiresReplace},
		{key: "timeout", one: `timeout: 5m`, other: `timeout: 6m`, mode: nothing},
		{key: "protect", other: `protect: false`, mode: nothing},
		{key: "timeouts.create", other: `timeouts: {create: 1h}`, mode: nothing},
		{key: "timeouts.delete", other: `timeouts: {delete: 1h}`, mode: nothing},
	},
}
