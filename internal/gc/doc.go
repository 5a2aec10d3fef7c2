// Package gc finds what nobody uses any more, and plans to delete, stop or
// archive it. It decides by rules about what was observed, and does no I/O but
// for reading the rules.
package gc
