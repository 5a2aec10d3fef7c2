// Package apply carries plans out.
//
// [Run] does what the steps of a plan say and decides
// nothing of its own: where the world has changed since the plan was made, a
// step fails and says so, and the next plan sees the world as it is.
package apply
