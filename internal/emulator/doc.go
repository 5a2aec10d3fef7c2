// Package emulator simulates the control plane of Daytona as far as a fleet
// reconciler uses it: sandboxes, snapshots, volumes, secrets and the few routes
// about the server itself.
//
// It is an http.Handler without goroutines or timers, except for those of the
// connections that it serves, which end with them and with Close. Every object stores
// the time of the next step of its transition, and each request first executes all
// steps that are due, in the order of their times. The same requests at the same clock
// readings therefore always produce the same world, in one process or in several that
// use the same state file.
//
// Statuses, texts and bodies follow the observed behaviour of a server of version
// 0.190, and otherwise the OpenAPI document of 0.205. An operation that package catalog
// lists and that is not simulated returns 501, after the key and the rate limit are checked.
//
// # Builds
//
// A build runs nothing; see package build. It fails if the text is no Dockerfile, if a
// hash in contextHashes was not uploaded, if a COPY or ADD names a file that is not in an
// uploaded archive, or if a RUN ends in an error, such as RUN exit 1. The url of
// build-logs-url is below /proxy/ on the same server and needs the API key. The log has a
// line for each instruction, what echo prints, spread over the duration of the build, and
// a last line with the result. With ?follow=true the response continues until then.
//
// A built snapshot can be used once the job of Delays.SnapshotSpread has run. With the
// fault build-race, creations with the same new content collide.
//
// # Object storage
//
// /s3/ is an S3 endpoint with path-style addresses. GET /object-storage/push-access
// returns its credentials, which are valid for an hour and for keys below the
// organisation's id. It supports HEAD, GET and PUT of objects, also in aws-chunked
// encoding, ListObjectsV2 without delimiters, and multipart uploads. Requests need
// a signature of version 4 in the Authorization header. Signatures in the query,
// ranges, checksums other than X-Amz-Content-Sha256 and Content-MD5, and deletion are not
// supported. Objects are in memory, or in files of a directory next to the state file
// whose name is that of the file followed by .objects. Incomplete uploads are lost when
// the emulator ends.
//
// # Sandboxes
//
// Nothing runs in sandboxes. Toolboxes are below /proxy/toolbox/ID/, the address that
// toolbox-proxy-url returns, and support process/execute, process/code-run,
// process/session/entrypoint/logs, and files/ with upload, upload-v2, bulk-upload, download
// and bulk-download; with 0.190 the API also has process/execute and files/ below
// /toolbox/ID/toolbox/. Commands and programs respond as scripted. Without a script,
// true, false, exit N, echo TEXT and sleep N have their usual effect, also in sh -c, and
// all others succeed without output. A command that takes longer than the request's
// timeout, or than 360 seconds, returns 408. Of a program, the lines have an effect that
// print one literal or exit. Files are in the state of the emulator, with their contents
// where those of the object storage are; commands and programs do not see them. Logs are JSON for SDKs since 0.161 and text
// for others.
//
// Previews are below /proxy/preview/PORT-ID/, the address that preview-url returns, and
// respond with 200 unless scripted. The token is valid until the sandbox starts again.
// Without a token, a key or a public sandbox, the response is a redirect to a login.
//
// Requests to a sandbox that is not running are refused with 400, to one without a
// runner with 404, and to one that stops meanwhile with 502. Each request resets the idle
// clock, also while it runs. No rate limit counts it.
//
// Public sources and Daytona's SDK confirm the 408, the 400 and its text, the 404 of
// archived sandboxes, and the formats. The 404 of unknown sandboxes, the 401 of refused
// keys and the exact times at which tokens change are inferred.
//
// # Events
//
// /api/socket.io/ serves Socket.IO over a WebSocket (Engine.IO 4, transport websocket
// only), with the API key as auth.token. It sends sandbox.created,
// sandbox.state.updated, sandbox.desired-state.updated, snapshot.created,
// snapshot.state.updated, snapshot.removed, volume.created and volume.state.updated.
// Labels, intervals and network settings have no event.
//
// # Faults
//
// Options.Faults, each in the syntax of [fault.Parse], are active from the start:
//
//	503 POST /sandbox rate=0.1            a tenth of the creations fails
//	429 GET retry-after=5 message=slow down
//	html|hang|reset-before [METHOD] [PATH] [OPTION...]
//	reset-after|truncate [METHOD] [PATH] [OPTION...]
//	reset-upload [METHOD] /s3... [bytes=N] [OPTION...]
//	runner-fail [METHOD] [PATH] [OPTION...]
//	list-lag 2s
//	event-loss|event-double|event-shuffle|event-disconnect [rate=0..1] [seed=N]
//	event-late 2s [rate=0..1] [seed=N]
//	event-refuse
//	rate-limit sandbox-create=20/2s sandbox-lifecycle=5/1s
//	quota cpu=10 memory=20 disk=30 max-cpu=4 max-memory=8 max-disk=10 max-cpu-per-gpu=16 snapshots=5 volumes=5
//	any-size
//	suspended [REASON]
//	maintenance                           503 for every request of the API
//	no-runners
//	resize-disabled
//	untold-limits
//
// An OPTION is count=N, rate=0..1, seed=N, retry-after=SECONDS, code=CODE,
// recoverable=true or, as the last, message=TEXT. PATH is below /api: a prefix, or a
// pattern of path.Match. /s3 begins the paths of the object storage, which contain the
// query; its errors have a CODE. Faults that change the organisation are not written to the state file,
// and the control endpoint can lift them.
//
// # Control endpoint
//
// With Options.Control, /_emulator/ controls the emulator without credentials. All
// bodies are JSON; names in paths are escaped.
//
//	GET    log                    requests since the start or the last DELETE log
//	DELETE log
//	GET    sandboxes              all sandboxes in their current state, even if lists lag
//	POST   sandboxes/{idOrName}   overwrite stored fields; a given state remains until it
//	                              is changed, or until "due" if that is given
//	POST   snapshots/{idOrName}   the same, also for volumes/{idOrName}
//	GET    objects                {objects, uploads}: of the object storage; uploads is the
//	                              number of incomplete ones in parts
//	POST   faults                 {method, path, count, kind, status, message, headers, rate, seed, recoverable, code, bytes}
//	DELETE faults
//	POST   toolbox                {sandbox, command, exitCode, output, delay, count}
//	POST   previews               {sandbox, port, path, status, body, delay, count}
//	POST   logs                   {sandbox, text}: appends
//	DELETE toolbox                removes the scripts; also for previews and logs
//	POST   clock                  {"advance": "15m"}
//	POST   organization           {suspended, reason, maintenance, quota, permissions, rateLimits, listLag,
//	                              snapshotSpread, buildRace, noRunners, resizeDisabled, regions}
//	POST   keys                   {"key": "...", "revoked": true, "permissions": [...]}
//	DELETE state                  reset everything
//
// Faults of the kinds status, html, hang, reset-before and reset-upload replace the effect of a
// request; reset-after and truncate destroy the response after the effect; runner-fail
// makes the transition fail that the request starts (by default creations of sandboxes;
// with a path also start, stop, resize, snapshots or volumes). Paths of the other kinds
// are below /api or /proxy.
//
// Of the scripts for commands and previews, the first that matches and is not used up
// responds; a count of 0 means unlimited. An omitted field matches everything. The
// sandbox is a name or an id; patterns are those of path.Match, except that * also
// matches slashes. The path of a preview has no query. A delay is a Go duration on the
// emulator's clock. The request log omits the environment of commands. Scripts are not
// in the state file.
package emulator
