// Package notify reports the work of a watch to people and programs outside. It reads the
// journal of the watch: it writes events as NDJSON, sends signed webhooks, and logs.
// None of it holds up the watch: what cannot be delivered is retried, and dropped in
// the end.
//
// Its consumers end with their context, after the last event of the journal: cancel
// the context once the watch has written its last one.
package notify
