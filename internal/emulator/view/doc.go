// Package view returns the bodies with which the emulator responds: the fields
// of an object that a client can see.
package view

// Views returns views for one version of the API.
type Views struct {
	Version      string // one of the versions in package world
	ToolboxProxy string // the address below which clients find the toolboxes
}
