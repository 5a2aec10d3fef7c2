// Package gc finds unused objects, and plans to delete, stop or archive them. It applies
// rules to an observed world; its only I/O is reading the rules.
package gc
