// Package render shows plans, progress and reports to people and programs.
//
// It only formats: what is shown was decided before.
package render
