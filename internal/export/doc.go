// Package export writes a spec of what exists in an organization.
//
// The spec is parsed and planned before it is returned: its plan changes no object, and
// at most adopts sandboxes that no fleet owns. Only reading requests are sent.
package export
