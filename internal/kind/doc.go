// Package kind defines what fleet can do with the objects of each kind: list, read,
// find by name, create and delete them, and convert them for plans. Each kind is one
// row of the table in kind.go; observing and applying walk that table.
package kind
