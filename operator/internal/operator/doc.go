// Package operator is the program: its flags, and how its parts are put together.
package operator
