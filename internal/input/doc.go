// Package input reads files, pipes and terminals, with a limit on their size. A path
// that a file contains must be a regular file. A path on the command line may also be a
// pipe, which is read with a context.
package input
