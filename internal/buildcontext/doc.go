// Package buildcontext reads the local files that an image build copies. A [Context]
// is a directory with its ignore file and finds the sources of COPY instructions. A
// [Hasher] turns a [Source], one file or directory, into a [Manifest]: the list of its
// files with their digests, the hash of the list, and the tar stream of the files. The
// same files give the same hash and the same stream on every machine.
//
// The server drops empty directories and turns symbolic links into empty files.
// Therefore an archive contains regular files only: a link inside of the root stands for
// the files of its target, and a link that leads out of the root is an error. Of
// the permissions only the right to execute is sent, and owners and times are not.
package buildcontext
