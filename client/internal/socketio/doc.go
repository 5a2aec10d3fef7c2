// Package socketio receives events by Socket.IO 5 over Engine.IO 4, on a WebSocket. It
// does not send events, and skips binary packets.
package socketio
