// Package controller reconciles Fleet objects: it reads what an object refers to, lets a
// session compare and change the fleet, and writes the status.
package controller
