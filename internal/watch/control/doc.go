// Package control sends requests to a watch that runs: over its unix socket on this
// machine, or to the address that it listens on.
package control
