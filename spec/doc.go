// Package spec says what can be wanted of a fleet.
//
// It reads a YAML spec, reports all its mistakes with their positions, and
// yields a [Fleet]: a flat list of resources with their managed attributes.
// Each attribute is declared once, as a row of a [Table]; decoding, checking,
// creating, comparing, changing and documenting walk the rows.
//
// The package does no I/O but reading the named files.
package spec
