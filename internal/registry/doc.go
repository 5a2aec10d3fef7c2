// Package registry asks the registries of container images for the digests of tags.
package registry
