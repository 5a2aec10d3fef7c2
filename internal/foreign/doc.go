// Package foreign escapes text that others wrote: names, states and error reasons
// from a server, logs, and file contents. Escaped text cannot control a terminal,
// give commands to a CI runner, or deceive the reader.
//
// [Escape] escapes one string, [Text] is a string that is escaped whenever it is
// printed, and a [Writer] escapes a whole stream as the last barrier.
package foreign
