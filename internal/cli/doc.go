// Package cli is the command line of fleet: it reads flags, loads the spec,
// opens the client, and hands what comes of it to package render.
package cli
