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
package emulator
