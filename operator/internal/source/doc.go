// Package source turns a Fleet object, with the Secrets and ConfigMaps that it refers to,
// into the spec of a fleet and the credentials for it.
package source
