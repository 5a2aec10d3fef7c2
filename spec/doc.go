// Package spec reads specs of fleets and compares them with remote objects.
//
// It reads a YAML spec, reports all errors with their positions, and returns a
// [Fleet]: a flat list of resources with their managed attributes. Each attribute is
// declared once, as a row of a [Table]. The code that decodes, checks, creates,
// compares, changes and documents attributes iterates over the rows.
//
// The package does no I/O except reading the files of the spec.
package spec
