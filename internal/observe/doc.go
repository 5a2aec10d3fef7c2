// Package observe reads what exists in an organization, for plans and reports. It
// sends reading requests only. [Observe] reads what a [Scope] asks for.
package observe
