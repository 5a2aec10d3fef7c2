// Package emulator simulates the control plane of Daytona as far as a fleet
// reconciler uses it: sandboxes, snapshots, volumes, secrets and the few routes
// about the server itself.
//
// It is an http.Handler without goroutines or timers of its own, but for those of
// the connections it is serving, which end with them and with Close. Every object
// knows when its running transition takes its next step, and each
// request first lets everything happen whose time has come, in the order of
// those times. The same requests at the same clock readings therefore always
// give the same world, in one process or over a state file in several.
//
// Statuses, texts and the shapes of bodies follow what a real server of version
// 0.190 was seen to do; where only the document of 0.205 speaks, they follow that.
//
// # Builds
//
// A build runs nothing. It fails where the Dockerfile has the instruction RUN
// exit 1 or RUN false, where a hash in contextHashes was not uploaded, and where a
// COPY or ADD names what is in no uploaded archive. The url of build-logs-url is
// below /proxy/ on the same server and needs the API key: a line for each
// instruction, spread over the time the build takes, and a last one that tells
// how it ended. With ?follow=true the answer grows until then.
//
// # Object storage
//
// /s3/ is an S3 endpoint with path-style addresses for the credentials of GET
// /object-storage/push-access, which are good for an hour and for keys below the
// organisation's id. It knows HEAD, GET and PUT of objects, also in aws-chunked
// encoding, ListObjectsV2 without delimiters, and multipart uploads. Requests need
// a signature of version 4 in the Authorization header; signatures in the query,
// ranges, checksums other than X-Amz-Content-Sha256 and deletion are not known.
// Objects are in memory, or beside the state file in a directory named like it
// with .objects at the end.
//
// # What runs in sandboxes
//
// Nothing does. Toolboxes are below /proxy/toolbox/ID/, where toolbox-proxy-url
// says they are, and know process/execute and process/session/entrypoint/logs;
// with 0.190 the API has /toolbox/ID/toolbox/process/execute as well. Commands
// answer as scripted, or else true, false, exit N, echo TEXT and sleep N do what
// they say, be it by sh -c, and others succeed in silence. A command that takes
// longer than the request's timeout, or than 360 seconds, is answered with 408.
// Logs are JSON for SDKs since 0.161 and text for others.
//
// Previews are below /proxy/preview/PORT-ID/, as preview-url says, and answer 200
// unless scripted. The token is good until the sandbox starts again; without it,
// a key or a public sandbox, the answer is a redirect to a login.
//
// A sandbox that does not run is refused with 400, one without a runner with 404,
// and one that ends meanwhile with 502. Use resets the idle clock, also while it
// lasts. No rate limit counts it.
//
// Public sources and Daytona's SDK bear out 408, the 400 and its text, the 404 of
// archived sandboxes, and the formats. That 404 answers for unknown sandboxes and
// 401 for refused keys is inferred, as is when exactly tokens change.
//
// # Events
//
// /api/socket.io/ speaks Socket.IO over a WebSocket (Engine.IO 4, transport
// websocket only) and takes the API key as auth.token. It tells sandbox.created,
// sandbox.state.updated, snapshot.created, snapshot.state.updated,
// snapshot.removed, volume.created and volume.state.updated.
//
// # Faults
//
// Options.Faults, each as [ParseFault] reads it, are in force from the start:
//
//	503 POST /sandbox rate=0.1            a tenth of the creates fails
//	429 GET retry-after=5 message=slow down
//	html|hang|reset-before [METHOD] [PATH] [OPTION...]
//	reset-after|truncate [METHOD] [PATH] [OPTION...]
//	runner-fail [METHOD] [PATH] [OPTION...]
//	list-lag 2s
//	rate-limit sandbox-create=20/2s sandbox-lifecycle=5/1s
//	quota cpu=10 memory=20 disk=30 max-cpu=4 max-memory=8 max-disk=10 snapshots=5 volumes=5
//	suspended [REASON]
//	maintenance                           503 for every request of the API
//	no-runners
//	resize-disabled
//
// An OPTION is count=N, rate=0..1, seed=N, retry-after=SECONDS, recoverable=true
// or, as the last, message=TEXT. PATH is below /api: the beginning of one, or a
// pattern of path.Match. What a fault says about the organisation is not written
// to the state file, and the control endpoint can lift it.
//
// # Control endpoint
//
// With Options.Control, /_emulator/ steers the emulator without credentials. All
// bodies are JSON; names in paths are escaped.
//
//	GET    log                    requests since the start or the last DELETE log
//	DELETE log
//	GET    sandboxes              all of them as they are now, however late lists are
//	POST   sandboxes/{idOrName}   overwrite stored fields; a given state is held until
//	                              changed again, or until "due" if that is given
//	POST   snapshots/{idOrName}   the same, as is volumes/{idOrName}
//	POST   faults                 {method, path, count, kind, status, message, headers, rate, seed, recoverable}
//	DELETE faults
//	POST   toolbox                {sandbox, command, exitCode, output, delay, count}
//	POST   previews               {sandbox, port, path, status, body, delay, count}
//	POST   logs                   {sandbox, text}: appends
//	DELETE toolbox                the same for previews and logs
//	POST   clock                  {"advance": "15m"}
//	POST   organization           {suspended, reason, maintenance, quota, permissions, rateLimits, listLagVariable, noRunners,
//	                              resizeDisabled, regions}
//	POST   keys                   {"key": "...", "revoked": true, "permissions": [...]}
//	DELETE state                  forget everything
//
// The kinds of faults: status, html, hang and reset-before come instead of the
// effect; reset-after and truncate spoil the answer after it; runner-fail lets the
// transition fail that the struck call begins (by default the next creates of
// sandboxes; with a path also start, stop, resize, snapshots or volumes). Their
// paths are below /api or /proxy.
//
// Of the rules for commands and previews the first counts that matches and has
// answers left; a count of 0 is until cleared. What is left out matches all. The
// sandbox is a name or an id; patterns are those of path.Match, but * matches
// slashes, too. The path of a preview has no query. A delay is a Go duration on
// the emulator's clock. The log of requests hides the environment of commands.
// Rules are not in the state file.
package emulator
