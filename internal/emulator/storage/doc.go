// Package storage is the object storage of the emulated control plane: the part
// of S3 that uploads of build contexts use, with temporary keys and signatures.
package storage
