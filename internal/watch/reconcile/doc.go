// Package reconcile makes the passes of a watch: it decides what a pass reads, holds back
// what the policy holds back, has the rest done, and writes the journal. How a plan is
// made and run is up to a [Runner], which is the same code that fleet apply uses.
package reconcile
