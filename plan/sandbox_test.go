package plan

import "testing"

func TestSandboxActions(t *testing.T) {
	runStories(t, []story{
		{name: "a sandbox that is as wanted is left alone", spec: "sandboxes: {web: {state: started, public: true}}", want: "no-op web"},
		{name: "one that is missing is created", spec: "sandboxes: {web: {}}", then: "web gone", want: "create web | create"},
		{name: "a new one is brought into its run state", was: nothing, spec: "sandboxes: {a: {state: stopped}, b: {state: archived}, c: {state: paused}, d: {state: started}}", want: `
			create a | create stop
			create b | create stop archive
			create c | create pause
			create d | create`},
		{name: "what can be changed in place is", was: "sandboxes: {web: {auto_stop_interval: 15}}", spec: "sandboxes: {web: {auto_stop_interval: 30, public: true}}", want: `
			update web [public false -> true] [auto_stop_interval 15 -> 30] | public/true autostop/30`},
		{name: "what cannot be replaces", was: "sandboxes: {web: {snapshot: a}}", spec: "sandboxes: {web: {snapshot: b}}", opts: Options{AllowDestroy: 1}, want: `
			replace web [snapshot a -> b] | delete create | illegal: there is no snapshot "b" in the spec or in the organisation (declare it under snapshots, or create it)`},
		{name: "a replacement is brought into its run state", was: "sandboxes: {web: {state: stopped, os_user: a}}", then: "web stopped", spec: "sandboxes: {web: {state: stopped, os_user: b}}", want: `
			replace web [os_user a -> b] | delete create stop`},
		{name: "what the spec does not say is not compared", was: "sandboxes: {web: {public: true, env_vars: {A: b}, auto_stop_interval: 1}}", spec: "sandboxes: {web: {}}", then: "web stopped", want: "no-op web"},
		{name: "another count makes and takes away at the end", was: "sandboxes: {w: {count: 3}}", spec: "sandboxes: {w: {count: 2}}", want: `
			no-op w[0]
			no-op w[1]
			delete w[2]: not in the spec | delete`},
		{name: "replicas go in the order of their indices", was: "sandboxes: {a: {}, w: {count: 11}}", spec: "sandboxes: {a: {}, w: {count: 8}}", want: `
			no-op a
			no-op w[0]
			no-op w[1]
			no-op w[2]
			no-op w[3]
			no-op w[4]
			no-op w[5]
			no-op w[6]
			no-op w[7]
			delete w[8]: not in the spec | delete
			delete w[9]: not in the spec | delete
			delete w[10]: not in the spec | delete`},
	})
}

func TestLabels(t *testing.T) {
	runStories(t, []story{
		{name: "labels are merged", was: "sandboxes: {web: {labels: {a: x, b: y}}}", then: "web labelled foreign=z", spec: "sandboxes: {web: {labels: {a: new}}}", want: "update web [labels {a=x b=y} -> {a=new}] | label"},
		{name: "a label that somebody took away is set again", spec: "sandboxes: {web: {labels: {a: x}}}", then: "web labelled a=", want: "update web [labels {} -> {a=x}] | label"},
		{name: "a language is a label", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {language: python}}", want: "update web [language (none) -> python] | label"},
		{name: "a stale seal is written again", spec: "sandboxes: {web: {env_vars: {A: b}}}", then: "web detailed\nweb labelled fleet-seal=6eAAAAAA", want: "update web: its labels are out of date | label"},
		{name: "a lost seal, too", spec: "sandboxes: {web: {env_vars: {A: b}}}", then: "web detailed\nweb labelled fleet-seal=", want: "update web: its labels are out of date | label"},
		{
			name: "a lost seal of a linked sandbox is no reason to replace it", spec: "sandboxes: {main: {}, side: {linked_sandbox: main, ephemeral: true}}", then: "side detailed\nside labelled fleet-seal=", want: `
			no-op main
			update side: its labels are out of date | label`,
		},
		{name: "an outdated secret is a replacement", was: "sandboxes: {web: {env_vars: {A: one-secret}}}", spec: "sandboxes: {web: {env_vars: {A: two-secret}}}", want: `
			replace web [env_vars (another value) -> {A=(hidden)}] | delete create`},
		{name: "with details only what differs is shown, and no value", was: "sandboxes: {web: {env_vars: {A: one-secret, B: b}}}", then: "web detailed", spec: "sandboxes: {web: {env_vars: {A: two-secret, B: b}}}", want: `
			replace web [env_vars {A=(hidden)} -> {A=(changed)}] | delete create`},
		{name: "a value of which nothing tells is no reason to replace", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {env_vars: {A: b}}}", want: "update web: its labels are out of date | label"},
		{name: "but one that can be written is", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {ttl_minutes: 5}}", want: "update web [ttl_minutes (another value) -> 5] | ttl/5 label"},
		{name: "calls that share a path are one", was: "sandboxes: {web: {}}", spec: "sandboxes: {web: {network_allow_list: [10.0.0.0/8], domain_allow_list: [example.com]}}", want: `
			update web [network_allow_list [] -> [10.0.0.0/8]] [domain_allow_list [] -> [example.com]] | network-settings label`},
	})
}

func TestInTransition(t *testing.T) {
	const web, more = "sandboxes: {web: {image: 'a:1', state: started}}", "sandboxes: {web: {image: 'a:1', state: started, resources: {cpu: 2}}}"
	runStories(t, []story{
		{name: "what is on its way to where it should be is waited for", spec: web, then: "web starting>started", want: "wait web: it is starting | await"},
		{name: "whatever its run state, while it is made", spec: "sandboxes: {web: {image: 'a:1'}}", then: "web creating>started", want: "wait web: it is creating | await"},
		{name: "a stop that nobody asked for is not", spec: "sandboxes: {web: {image: 'a:1'}}", then: "web stopping>stopped", want: "no-op web"},
		{name: "a stop that the spec wants is", spec: "sandboxes: {web: {image: 'a:1', state: stopped}}", then: "web stopping>stopped", want: "wait web: it is stopping | await"},
		{name: "what has to be ready is checked after that", spec: "sandboxes: {web: {image: 'a:1', ready: {port: 80}}}", then: "web starting>started", want: "update web: it was not found ready after it was created | await check finish"},
		{name: "what is on its way elsewhere is waited for", spec: web, then: "web stopping>stopped", want: "start web: it is stopped, the spec wants it started | settle start"},
		{name: "a resize waits", was: web, spec: more, then: "web starting>started", want: "update web [resources.cpu 1 -> 2] | settle resize"},
		{name: "a replacement waits", was: web, spec: "sandboxes: {web: {image: 'b:1', state: started}}", then: "web starting>started", want: "replace web [image (another value) -> FROM b:1\n] | settle delete create"},
		{name: "a deletion waits", was: "sandboxes: {web: {}, db: {}}", spec: "sandboxes: {web: {}}", then: "db restoring>started", want: "no-op web\ndelete db: not in the spec | settle delete"},
		{name: "a call that works in every state does not", was: web, spec: "sandboxes: {web: {image: 'a:1', state: started, public: true}}", then: "web starting>started", want: "update web [public false -> true] | public/true await"},
		{name: "calls come first, then the wait, then the moves", was: web, spec: "sandboxes: {web: {image: 'a:1', state: stopped, public: true, resources: {disk: 9}}}", then: "web starting>started", want: "update web [public false -> true] [resources.disk 3 -> 9] | public/true settle stop resize"},
	})
}

func TestFailed(t *testing.T) {
	const web = "sandboxes: {web: {auto_stop_interval: 15}}"
	runStories(t, []story{
		{name: "what can be recovered is", spec: web, then: "web recoverable disk full", want: "recover web: it is in state error: disk full | recover"},
		{name: "and is brought into its run state", spec: "sandboxes: {web: {state: stopped}}", then: "web recoverable", want: "recover web: it is in state error | recover stop"},
		{name: "and changed", was: web, then: "web recoverable", spec: "sandboxes: {web: {auto_stop_interval: 1}}", want: "update web [auto_stop_interval 15 -> 1] | autostop/1 recover"},
		{name: "and resized once it lives", was: "sandboxes: {web: {image: 'a:1'}}", then: "web recoverable", spec: "sandboxes: {web: {image: 'a:1', resources: {cpu: 2}}}", want: "update web [resources.cpu 1 -> 2] | recover resize"},
		{name: "else it is replaced", spec: web, then: "web error: no runner", want: "replace web: it is in state error: no runner | delete create"},
		{name: "also when it cannot be changed as wanted", was: "sandboxes: {web: {os_user: a}}", then: "web recoverable", spec: "sandboxes: {web: {os_user: b}}", want: "replace web [os_user a -> b] | delete create"},
		{name: "unless it is protected", spec: "sandboxes: {web: {protect: true}}", then: "web error:", want: "replace web: it is in state error | delete create | protected: it is protected: it may not be deleted or replaced (protect: false in sandboxes.web lifts it)"},
		{name: "the server's words hide secrets", spec: "sandboxes: {web: {env_vars: {A: hunter22}}}", then: "web error: bad env hunter22", want: "replace web: it is in state error: bad env (hidden) | delete create"},
	})
}

func TestPaused(t *testing.T) {
	const paused = "sandboxes: {web: {state: paused}}"
	runStories(t, []story{
		{name: "a machine is paused", spec: paused, then: "web class linux-vm", want: "pause web: it is started, the spec wants it paused | pause"},
		{name: "a container is not", spec: paused, want: "pause web: it is started, the spec wants it paused | pause | illegal: a container cannot be paused (write state: stopped in sandboxes.web, or use a snapshot of class linux-vm)"},
		{name: "what is paused stays so", spec: paused, then: "web paused", want: "no-op web"},
		{name: "unless the spec says otherwise", spec: "sandboxes: {web: {state: started}}", then: "web paused", want: "start web: it is paused, the spec wants it started | start"},
		{
			name: "new machines of a snapshot of the spec that makes containers are not created", was: nothing, spec: "snapshots: {base: {image: 'a:1', class: container}}\n" + "sandboxes: {web: {snapshot: base, state: paused}}",
			want: "create snapshot.base | create\ncreate web | create pause | after snapshot.base | illegal: a container cannot be paused (write state: stopped in sandboxes.web, or use a snapshot of class linux-vm)",
		},
	})
}

func TestEphemeral(t *testing.T) {
	const small, large = "image: 'a:1', resources: {disk: 3}", "image: 'a:1', resources: {disk: 9}"
	why := "it must be stopped for that, and an ephemeral sandbox does not survive a stop"
	runStories(t, []story{
		{name: "an ephemeral sandbox that must stop is replaced", was: "sandboxes: {web: {ephemeral: true, " + small + "}}", spec: "sandboxes: {web: {ephemeral: true, " + large + "}}", want: "replace web: " + why + " [resources.disk 3 -> 9] | delete create"},
		{name: "one that need not stop is not", was: "sandboxes: {web: {ephemeral: true, " + small + "}}", spec: "sandboxes: {web: {ephemeral: true, image: 'a:1', resources: {cpu: 4}}}", want: "update web [resources.cpu 1 -> 4] | resize"},
		{name: "one that is about to last is stopped safely, if that comes first", was: "sandboxes: {web: {ephemeral: true, " + small + "}}", spec: "sandboxes: {web: {ephemeral: false, state: stopped, image: 'a:1'}}", want: "update web [auto_delete_interval 0 -> -1] | autodelete/-1 stop"},
		{
			name: "so it can be resized, too", was: "sandboxes: {web: {ephemeral: true, " + small + "}}", spec: "sandboxes: {web: {ephemeral: false, " + large + "}}", want: "update web [resources.disk 3 -> 9] [auto_delete_interval 0 -> -1] | autodelete/-1 stop resize start",
		},
		{
			name: "one that becomes ephemeral is not lost on the way", was: "sandboxes: {web: {" + small + "}}", spec: "sandboxes: {web: {ephemeral: true, " + large + "}}", want: "update web [resources.disk 3 -> 9] [auto_delete_interval -1 -> 0] | stop resize start autodelete/0",
		},
		{
			name: "nor is a stopped one before it is started", was: "sandboxes: {web: {}}", then: "web stopped", spec: "sandboxes: {web: {ephemeral: true, state: started}}", want: "update web [auto_delete_interval -1 -> 0] | start autodelete/0",
		},
	})
}

func TestVersion(t *testing.T) {
	runStories(t, []story{
		{
			name: "what the server does not know is told before it is sent", was: nothing, then: "server 0.190.0", spec: "sandboxes: {web: {ttl_minutes: 5}}",
			want: "create web | create | illegal: ttl_minutes needs a server from 0.205.0 on, and this one is 0.190.0 (take ttl_minutes out of sandboxes.web)",
		},
		{name: "a server of an unknown version is trusted", was: nothing, then: "server what", spec: "sandboxes: {web: {ttl_minutes: 5}}", want: "create web | create"},
	})
}
