// Package observe reads what exists in an organisation, for plans and reports. It
// only reads.
//
// [Observe] reads what a plan is made from, [Inventory] and [Look] what reports
// are made from, and [Survey] what a spec is written from. A [Lister] lists
// sandboxes as they are now, however late the lists of the server are.
package observe
