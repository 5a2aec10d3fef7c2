// Package emulator simulates the control plane of Daytona as far as a fleet
// reconciler uses it: sandboxes, snapshots, volumes, secrets and the few routes
// about the server itself.
//
// It is an http.Handler with no goroutines and no timers of its own. Every
// object knows when its running transition takes its next step, and each
// request first lets everything happen whose time has come, in the order of
// those times. The same requests at the same clock readings therefore always
// give the same world, in one process or over a state file in several.
//
// Statuses, texts and the shapes of bodies follow what a real server of version
// 0.190 was seen to do; where only the document of 0.205 speaks, they follow that.
//
// # Control endpoint
//
// With Options.Control, /_emulator/ steers the emulator without credentials. All
// bodies are JSON; names in paths are escaped.
//
//	GET    log                    requests since the start or the last DELETE log
//	DELETE log
//	POST   sandboxes/{idOrName}   overwrite stored fields; a given state is held until
//	                              changed again, or until "due" if that is given
//	POST   snapshots/{idOrName}   the same, as is volumes/{idOrName}
//	POST   faults                 {method, path, count, kind, status, message, headers, rate, seed, recoverable}
//	DELETE faults
//	POST   clock                  {"advance": "15m"}
//	POST   organization           {suspended, reason, quota, permissions, rateLimits, listLag, noRunners, resizeDisabled}
//	POST   keys                   {"key": "...", "revoked": true, "permissions": [...]}
//	DELETE state                  forget everything
//
// The kinds of faults: status, html, hang and reset-before come instead of the
// effect; reset-after and truncate spoil the answer after it; runner-fail lets the
// transition fail that the struck call begins (by default the next creates of
// sandboxes; with a path also start, stop, resize, snapshots or volumes).
package emulator
