// Package export writes what exists in an organisation as a spec.
//
// What it writes is read back and planned before it is handed out: a plan of it
// changes nothing. Sandboxes that no fleet owns are adopted by it. Nothing is
// ever sent but requests that read.
package export
