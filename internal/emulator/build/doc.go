// Package build simulates the builds of the runners: it reads a Dockerfile with the parser
// of BuildKit, and determines which steps run, what they print, and which one fails.
// Nothing is executed, and no base image is read.
package build
