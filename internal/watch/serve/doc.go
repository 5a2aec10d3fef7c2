// Package serve is the HTTP side of a watch: its API, health, metrics and page, on a TCP
// address and on a unix socket in the directory of state. It reads a [journal.Journal]
// and asks a [journal.Controls].
//
// Every request passes the [gate] of its listener first, which checks the host, the
// origin and the token. What is served behind it is in the table of [routes].
package serve
