// Package input reads the files, pipes and terminals that fleet is given. All
// that it reads is bounded in size. A path that a file names must be that of a
// regular file; a path of the command line may also be that of a pipe, which is
// read under a context.
package input
